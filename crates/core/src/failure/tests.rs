//! Tests of the failure vocabulary.

use super::*;

fn place(is_query: bool) -> RequestName {
    RequestName { name: "order.place".into(), parameters: vec!["symbol".to_owned()], is_query }
}

#[test]
fn one_pointer_and_each_level_prints_itself() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    let api = ApiError::new(ErrorCode::NEW_ORDER_REJECTED, "Account has insufficient balance");
    let error = Error::answered(400, Some(api), None, Timestamp::default())
        .with_request(place(false))
        .with_answer(Vec::new(), b"BODY")
        .with_source(std::io::Error::other("inner words"));
    let text = "order.place: rejected by the exchange (status 400): -2010 Account has insufficient balance";
    assert_eq!(error.to_string(), text);
    assert_eq!(format!("{error:?}"), format!("{text}\n  caused by: inner words"));
    assert_eq!(error.code(), Some(ErrorCode::NEW_ORDER_REJECTED));
    assert_eq!(error.responsible(), Responsible::Caller);
}

#[test]
fn a_body_without_a_code_is_shown_cut() {
    let body = "<html>".repeat(200);
    let error = Error::answered(502, None, None, Timestamp::default())
        .with_request(place(false))
        .with_answer(Vec::new(), body.as_bytes());
    let shown = format!("{error:?}");
    assert!(shown.starts_with("order.place: server error at the exchange (status 502); outcome unknown"));
    assert!(shown.contains("\n  body: \"<html>") && shown.ends_with("(1200 bytes)"), "{shown}");
    assert!(shown.len() < 600);
}

#[test]
fn statuses() {
    use Delivery::{MaybeWritten, Refused};
    let api = |code| Some(ApiError::new(ErrorCode(code), "x"));
    for (status, api, kind, delivery) in [
        (400, api(-1121), ErrorKind::Api, Refused),
        (400, api(-2010), ErrorKind::Api, Refused),
        (400, api(-1007), ErrorKind::Api, MaybeWritten),
        (401, api(-2015), ErrorKind::Api, Refused),
        (409, api(-2021), ErrorKind::Api, Refused),
        (408, api(-1007), ErrorKind::Api, MaybeWritten),
        (408, None, ErrorKind::UnexpectedStatus, MaybeWritten),
        (403, None, ErrorKind::Forbidden, Refused),
        (403, api(-2015), ErrorKind::Api, Refused),
        (404, None, ErrorKind::UnexpectedStatus, Refused),
        (418, None, ErrorKind::Banned, Refused),
        (429, api(-1003), ErrorKind::RateLimited, Refused),
        (500, None, ErrorKind::ServerError, MaybeWritten),
        (503, api(-1008), ErrorKind::ServerError, MaybeWritten),
        (302, None, ErrorKind::Redirect, MaybeWritten),
        (304, None, ErrorKind::Redirect, MaybeWritten),
        (999, None, ErrorKind::ServerError, MaybeWritten),
    ] {
        let error = Error::answered(status, api.clone(), None, Timestamp::default());
        assert_eq!((error.kind(), error.delivery()), (kind, delivery), "{status}");
        assert_eq!((error.status(), error.api_error()), (Some(status), api.as_ref()));
        assert!(!error.ask_again() && !error.outcome_unknown(), "of no request");
        for is_query in [true, false] {
            let error = error.clone().with_request(place(is_query));
            assert_eq!(error.outcome_unknown(), delivery == MaybeWritten && !is_query, "{status}");
            let is_lost = delivery == MaybeWritten && error.kind() != ErrorKind::Redirect;
            assert_eq!(error.ask_again(), is_lost && is_query, "{status}");
            assert_eq!(error.to_string().ends_with("; the answer was lost: ask again"), error.ask_again());
        }
    }
}

#[test]
fn h2_the_end_of_a_ban_is_a_wait() {
    let now = Timestamp::from_millis(1_700_000_000_000);
    let mut api = ApiError::new(ErrorCode::TOO_MANY_REQUESTS, "banned");
    api.retry_after = Some(now.plus(Duration::from_secs(90)));
    let error = Error::answered(418, Some(api.clone()), None, now);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(90)));
    let error = Error::answered(418, Some(api), Some(Duration::from_secs(5)), now);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(5)), "the header is nearer");
    let error = Error::new(ErrorKind::RateLimited).with_retry_after(Some(Duration::MAX));
    assert_eq!(error.retry_after(), Some(MAX_WAIT));
    assert!(error.is_transient());
}

#[test]
fn streams_are_named_not_all_of_a_thousand() {
    let names = (0..20).map(|n| StreamName::new(&format!("s{n}@trade")).unwrap()).collect();
    let error = Error::new(ErrorKind::StreamRefused).with_streams(names);
    let text = error.to_string();
    assert!(
        text.starts_with("streams refused by the exchange (s0@trade, ") && text.ends_with("and 12 more)")
    );
}
