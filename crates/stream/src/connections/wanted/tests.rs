//! Tests of the subscription set.

use super::super::texts::{combined_path, raw_path};
use super::*;
use binance_kit_core::ErrorCode;

fn name(text: &str) -> StreamName {
    StreamName::new(text).unwrap()
}

fn names(texts: &[&str]) -> Vec<StreamName> {
    texts.iter().map(|text| name(text)).collect()
}

const T0: Duration = Duration::from_secs(100);

/// A set that is connected with `texts` in its URL and listed.
fn settled(texts: &[&str]) -> SubscriptionSet {
    let mut set = SubscriptionSet::new();
    set.subscribe(names(texts));
    set.connecting();
    set.connected();
    let list = set.next_control(T0).unwrap();
    assert_eq!(list, r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#);
    let listed: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    assert!(set.acknowledged(1, Some(&listed)));
    assert!(set.is_settled());
    set.take_outcomes();
    set
}

#[test]
fn the_url_carries_the_first_streams_and_the_list_confirms_them() {
    let mut set = SubscriptionSet::new();
    let ticket = set.subscribe(names(&["b@trade", "a@trade"]));
    assert_eq!(set.connecting(), names(&["a@trade", "b@trade"]));
    assert_eq!(set.next_control(T0), None, "nothing is sent before the connection is up");
    set.connected();
    set.next_control(T0).unwrap();
    assert!(!set.is_settled());
    set.acknowledged(1, Some(&["a@trade".to_owned()]));
    assert_eq!(set.take_outcomes(), [(ticket, Outcome::Refused(names(&["b@trade"]), None))]);
    assert_eq!(set.take_refused(), [(names(&["b@trade"]), None)]);
    assert!(set.is_settled());
    assert_eq!(set.wanted().cloned().collect::<Vec<_>>(), names(&["a@trade"]));
}

#[test]
fn g1_a_refusal_goes_to_its_caller_with_or_without_an_id() {
    let error = ApiError::new(ErrorCode(2), "Invalid request");
    for id in [Some(2), None] {
        let mut set = settled(&["a@trade"]);
        let ticket = set.subscribe(names(&["x@nonsense"]));
        assert_eq!(set.next_control(T0).unwrap(), r#"{"method":"SUBSCRIBE","params":["x@nonsense"],"id":2}"#);
        assert!(set.refused(id, &error));
        assert_eq!(
            set.take_outcomes(),
            [(ticket, Outcome::Refused(names(&["x@nonsense"]), Some(error.clone())))]
        );
        assert!(set.find("x@nonsense").is_none() && set.find("a@trade").is_some());
        assert!(!set.refused(None, &error));
    }
}

#[test]
fn g1_an_acknowledgement_that_never_comes_is_given_up() {
    let mut set = settled(&["a@trade"]);
    let ticket = set.subscribe(names(&["b@trade"]));
    set.next_control(T0).unwrap();
    let timeout = Duration::from_secs(10);
    assert_eq!(set.next_expiry(timeout), Some(T0 + timeout));
    assert!(set.expire(T0 + Duration::from_secs(9), timeout, true).is_empty());
    assert_eq!(set.expire(T0 + timeout, timeout, true)[0].names, names(&["b@trade"]));
    assert_eq!(set.take_outcomes(), [(ticket, Outcome::TimedOut(names(&["b@trade"])))]);
    assert!(!set.acknowledged(2, None), "the late answer changes nothing");
    assert!(set.find("b@trade").is_none());
}

#[test]
fn g7_an_exchange_that_never_lists_has_what_the_url_names() {
    let mut set = SubscriptionSet::new();
    set.subscribe(names(&["a@trade", "b@trade"]));
    set.connecting();
    set.connected();
    set.next_control(T0).unwrap();
    assert!(set.waits_for_list_only() && !set.is_settled());
    assert!(set.delivered("a@trade") && !set.delivered("a@trade") && !set.delivered("x@trade"));
    let timeout = Duration::from_secs(10);
    let overdue = set.expire(T0 + timeout, timeout, false);
    assert_eq!((overdue[0].method, &overdue[0].names), (ControlMethod::List, &names(&["b@trade"])));
    assert!(set.is_settled() && !set.has_answered());
    assert_eq!(set.listings(), 1, "nothing waits for it any longer");
    // The list comes late, without one of the two: that one is subscribed by itself.
    assert!(set.acknowledged(1, Some(&["a@trade".to_owned()])));
    assert_eq!(set.listings(), 1);
    assert!(set.next_control(T0 + timeout).unwrap().contains(r#""SUBSCRIBE","params":["b@trade"]"#));
    assert!(!set.acknowledged(1, Some(&[])), "once");
}

#[test]
fn g7_a_late_refusal_gives_the_streams_up_that_it_names() {
    let error = ApiError::new(ErrorCode(2), "Invalid request");
    let timeout = Duration::from_secs(10);
    let mut set = settled(&["a@trade"]);
    set.subscribe(names(&["b@trade", "c@trade"]));
    set.next_control(T0).unwrap();
    set.expire(T0 + timeout, timeout, false);
    assert!(set.is_present(&name("b@trade")), "taken for subscribed");
    assert!(set.refused(Some(2), &error));
    for asked in ["b@trade", "c@trade"] {
        let text = set.next_control(T0 + timeout).unwrap();
        assert!(text.contains(&format!(r#""params":["{asked}"]"#)), "{text}");
    }
    set.expire(T0 + 2 * timeout, timeout, false);
    assert!(set.refused(Some(3), &error));
    assert_eq!(set.take_refused(), [(names(&["b@trade"]), Some(error))]);
    assert!(set.find("b@trade").is_none() && set.is_present(&name("c@trade")));
}

#[test]
fn g3_control_messages_are_paced_and_cut() {
    let mut set = settled(&["a@trade"]);
    let many: Vec<StreamName> =
        (0..1000).map(|index| name(&format!("symbol{index:04}@depth@100ms"))).collect();
    set.subscribe(many.clone());
    let mut now = T0;
    let mut sent_at = vec![T0];
    let mut id = 2;
    while !set.is_settled() {
        if let Some(text) = set.next_control(now) {
            assert!(text.len() <= MAX_CONTROL_BYTES, "{}", text.len());
            sent_at.push(now);
            assert!(set.acknowledged(id, None));
            id += 1;
        } else {
            now = set.next_control_at(now).unwrap();
        }
    }
    for window in sent_at.windows(5) {
        assert!(window[4] >= window[0] + Duration::from_secs(1), "{window:?}");
    }
    assert_eq!(set.len(), 1001);
}

#[test]
fn g4_what_is_wanted_now_counts() {
    let mut set = settled(&["a@trade"]);
    let first = set.subscribe(names(&["b@trade"]));
    let second = set.unsubscribe(names(&["b@trade", "a@trade"]));
    let third = set.subscribe(names(&["a@trade"]));
    // `b` was never sent, `a` never left: nothing to do.
    assert_eq!(set.next_control(T0), None);
    let ended: Vec<Ticket> = set
        .take_outcomes()
        .into_iter()
        .map(|(ticket, outcome)| {
            assert_eq!(outcome, Outcome::Done);
            ticket
        })
        .collect();
    assert!([first, third].iter().all(|ticket| ended.contains(ticket)));
    set.unsubscribe(names(&["a@trade"]));
    assert!(set.find("a@trade").is_none(), "g6: events after unsubscribing are not delivered");
    assert_eq!(set.next_control(T0).unwrap(), r#"{"method":"UNSUBSCRIBE","params":["a@trade"],"id":2}"#);
    set.subscribe(names(&["a@trade"]));
    set.acknowledged(2, None);
    assert_eq!(set.next_control(T0).unwrap(), r#"{"method":"SUBSCRIBE","params":["a@trade"],"id":3}"#);
    set.disconnected();
    let _ = second;
    assert_eq!(set.connecting(), names(&["a@trade"]));
}

#[test]
fn a_reconnect_ends_no_call_and_replays_what_is_wanted() {
    let mut set = settled(&["a@trade"]);
    let ticket = set.subscribe(names(&["b@trade"]));
    set.next_control(T0).unwrap();
    set.disconnected();
    assert_eq!(set.take_outcomes(), []);
    assert_eq!(set.connecting().len(), 2);
    set.connected();
    set.next_control(T0).unwrap();
    set.acknowledged(3, Some(&["a@trade".to_owned(), "b@trade".to_owned()]));
    assert_eq!(set.take_outcomes(), [(ticket, Outcome::Done)]);
}

#[test]
fn answers_to_what_was_never_asked_or_asked_on_an_earlier_connection_change_nothing() {
    let error = ApiError::new(ErrorCode(2), "Invalid request");
    let timeout = Duration::from_secs(10);
    let mut set = settled(&["a@trade"]);
    assert!(!set.refused(Some(99), &error) && !set.acknowledged(99, Some(&[])));
    set.request_list();
    set.next_control(T0).unwrap();
    set.expire(T0 + timeout, timeout, false);
    set.disconnected();
    set.connecting();
    set.connected();
    assert!(set.delivered("a@trade"));
    assert!(!set.acknowledged(2, Some(&[])), "the list of the earlier connection");
    assert!(set.is_present(&name("a@trade")));
}

#[test]
fn streams_given_up_while_they_are_asked_for_are_gone_with_the_refusal() {
    let error = ApiError::new(ErrorCode(2), "Invalid request");
    let mut set = settled(&["a@trade"]);
    set.subscribe(names(&["b@trade", "c@trade"]));
    set.next_control(T0).unwrap();
    let given_up = set.unsubscribe(names(&["b@trade", "c@trade"]));
    set.take_outcomes();
    assert!(set.refused(Some(2), &error));
    assert_eq!(set.take_outcomes(), [(given_up, Outcome::Done)]);
    assert!(set.is_settled() && set.is_absent(&name("b@trade")));
    assert_eq!(set.next_control(T0), None, "there is nothing left to ask");
}

#[test]
fn the_url_stays_below_the_limit() {
    let symbols = (0..95).map(|number| name(&format!("{number:034}@trade")));
    // With 95 names of 40 bytes, a slash after each, and what is around them.
    for (last, is_in_url) in [(34, true), (35, false)] {
        let mut set = SubscriptionSet::new();
        set.subscribe(symbols.clone());
        let last = name(&format!("{}@trade", "z".repeat(last)));
        set.subscribe([last.clone()]);
        let url = set.connecting();
        assert_eq!(url.contains(&last), is_in_url);
        assert!(combined_path(&url, true).len() < MAX_CONTROL_BYTES);
    }
}

#[test]
fn paths() {
    assert_eq!(
        combined_path(&names(&["a@trade", "!miniTicker@arr"]), false),
        "/stream?streams=a@trade/!miniTicker@arr"
    );
    assert_eq!(combined_path(&[], true), "/stream?timeUnit=MICROSECOND");
    assert_eq!(raw_path(&name("币@trade"), true), "/ws/%E5%B8%81@trade?timeUnit=MICROSECOND");
}

mod random {
    use super::*;
    use binance_kit_net::Random;

    /// G4: any order of calls, answers and reconnects ends with the exchange's set equal to the wanted one.
    #[test]
    fn g4_any_interleaving_ends_settled() {
        for seed in 0..300 {
            let random = Random::seeded(seed);
            let mut set = SubscriptionSet::new();
            let mut wanted = BTreeSet::new();
            let mut exchange: BTreeSet<String> = BTreeSet::new();
            let mut pending: VecDeque<String> = VecDeque::new();
            let mut now = T0;
            let answer = |set: &mut SubscriptionSet, exchange: &mut BTreeSet<String>, text: &str| {
                let message: Vec<&str> = text.split('"').collect();
                let id: u64 = text.rsplit(':').next().unwrap().trim_end_matches('}').parse().unwrap();
                let params: Vec<String> = message
                    .iter()
                    .filter(|piece| piece.contains('@'))
                    .map(|piece| (*piece).to_owned())
                    .collect();
                match message[3] {
                    "SUBSCRIBE" => exchange.extend(params),
                    "UNSUBSCRIBE" => params.iter().for_each(|name| {
                        exchange.remove(name);
                    }),
                    _ => {
                        let listed: Vec<String> = exchange.iter().cloned().collect();
                        set.acknowledged(id, Some(&listed));
                        return;
                    }
                }
                set.acknowledged(id, None);
            };
            let mut up = false;
            for step in 0..60 {
                let picked = name(&format!("s{}@trade", random.below(5)));
                match random.below(6) {
                    0 | 1 => {
                        wanted.insert(picked.clone());
                        set.subscribe([picked]);
                    }
                    2 => {
                        wanted.remove(&picked);
                        set.unsubscribe([picked]);
                    }
                    3 if step < 50 => {
                        set.disconnected();
                        pending.clear();
                        up = false;
                    }
                    4 if !up => {
                        exchange = set.connecting().iter().map(ToString::to_string).collect();
                        set.connected();
                        up = true;
                    }
                    _ => {
                        now += Duration::from_millis(400);
                        if let Some(text) = set.next_control(now) {
                            pending.push_back(text);
                        }
                        if random.below(2) == 0
                            && let Some(text) = pending.pop_front()
                        {
                            answer(&mut set, &mut exchange, &text);
                        }
                    }
                }
            }
            if !up {
                exchange = set.connecting().iter().map(ToString::to_string).collect();
                set.connected();
            }
            for _ in 0..20 {
                now += Duration::from_secs(1);
                if let Some(text) = set.next_control(now) {
                    pending.push_back(text);
                }
                if let Some(text) = pending.pop_front() {
                    answer(&mut set, &mut exchange, &text);
                }
            }
            let wanted: BTreeSet<String> = wanted.iter().map(ToString::to_string).collect();
            assert_eq!(exchange, wanted, "seed {seed}");
            assert!(set.is_settled() || wanted.is_empty(), "seed {seed}");
            assert!(set.waiting.is_empty(), "seed {seed}: {:?}", set.waiting);
        }
    }
}

#[test]
fn pings_of_a_day_are_not_remembered() {
    let mut set = SubscriptionSet::new();
    set.subscribe([StreamName::new("a@trade").unwrap()]);
    set.connecting();
    set.connected();
    (0..10_000).for_each(|ping| set.note_sent(Duration::from_secs(ping * 10)));
    assert!(set.sent.len() <= CONTROLS_PER_WINDOW, "{}", set.sent.len());
}
