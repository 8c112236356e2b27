//! Compares what arrived with what was published.

use binance_kit::Decimal;
use binance_kit::book::OrderBook as LocalBook;
use binance_kit::core::{Decoder, Encode as _, Position, Sequence, StreamEvent as _, decode::Frame};
use binance_kit::sim::{ExchangeBook, JournalEvent};
use binance_kit::spot::MarketEvent;
use std::collections::BTreeMap;

/// What the consumer was given about one stream, in order.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) seen: Vec<Seen>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Seen {
    /// An event: its first and last id (of a candle when it begins, and the time of the event), and its text.
    Event { first: u64, last: u64, text: String },
    /// What is missing, the ends included.
    Gap { from: u64, to: u64, backfilled: bool },
}

fn millis(time: binance_kit::Timestamp) -> u64 {
    u64::try_from(time.as_millis()).unwrap()
}

impl Seen {
    pub(crate) fn event(sequence: Sequence, event: &MarketEvent) -> Self {
        let (first, last) = match sequence {
            Sequence::Id(id) | Sequence::Growing(id) => (id, id),
            Sequence::Range { first, last } => (first, last),
            Sequence::Candle { open, at, .. } => (millis(open), millis(at)),
            Sequence::Time(at) => (millis(at), millis(at)),
            other => panic!("{other:?}"),
        };
        Self::Event { first, last, text: event.to_json() }
    }

    pub(crate) fn gap(from: Position, to: Position, backfilled: bool) -> Self {
        let number = |position| match position {
            Position::Id(id) => id,
            Position::Time(at) => millis(at),
            other => panic!("{other:?}"),
        };
        Self::Gap { from: number(from), to: number(to), backfilled }
    }
}

/// What a comparison comes to.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub(crate) delivered: u64,
    /// Within reported gaps.
    pub(crate) missing: u64,
    /// Neither delivered nor within a gap.
    pub(crate) unexplained: u64,
    /// Before the first that was delivered: without an id to begin with, they cannot be known of.
    pub(crate) before: u64,
    /// One of those, and what came before and behind it.
    pub(crate) example: String,
}

/// Each published event, from that on with which subscribing was done, was delivered once and in order, or is within one gap; and
/// a gap holds nothing else.
pub(crate) fn compare(published: &[JournalEvent], start: u64, log: &Log) -> Result<Sums, String> {
    let start = usize::try_from(start).unwrap();
    let mut sums = Sums::default();
    let mut next: Option<usize> = None;
    // The gaps since the last event.
    let mut gaps: Vec<(u64, u64)> = Vec::new();
    for seen in &log.seen {
        match seen {
            Seen::Gap { from, to, backfilled } => {
                if from > to {
                    return Err(format!("a gap from {from} to {to}"));
                }
                if !backfilled {
                    gaps.push((*from, *to));
                }
            }
            Seen::Event { first, last, text } => {
                let at = published
                    .binary_search_by_key(&(*first, *last), |event| (event.first_id, event.last_id))
                    .map_err(|_| format!("an event that was never published: {text}"))?;
                if published[at].text != *text {
                    return Err(format!("published {}\ndelivered {text}", published[at].text));
                }
                let begin = next.unwrap_or(at.min(start));
                if at < begin {
                    return Err(format!("twice, or too late: {text} (behind {})", published[begin - 1].text));
                }
                for lost in &published[begin..at] {
                    let holding = gaps
                        .iter()
                        .filter(|(from, to)| *from <= lost.first_id && lost.first_id <= *to)
                        .count();
                    match holding {
                        0 if next.is_none() => sums.before += 1,
                        0 => {
                            if sums.unexplained == 0 {
                                sums.example = format!(
                                    "{} behind {} before {text}",
                                    lost.text,
                                    published[begin - 1].text
                                );
                            }
                            sums.unexplained += 1;
                        }
                        1 => sums.missing += 1,
                        _ => return Err(format!("in {holding} gaps: {}", lost.text)),
                    }
                }
                for (from, to) in gaps.drain(..) {
                    let inside = published[begin..at]
                        .iter()
                        .filter(|lost| from <= lost.first_id && lost.first_id <= to);
                    if next.is_some() && inside.count() == 0 {
                        return Err(format!(
                            "a gap from {from} to {to} in which nothing is missing, before {text}"
                        ));
                    }
                }
                next = Some(at + 1);
                sums.delivered += 1;
            }
        }
    }
    match next {
        Some(next) if next == published.len() => Ok(sums),
        Some(next) => Err(format!("the last {} events are missing at the end", published.len() - next)),
        None => Err("nothing was delivered".to_owned()),
    }
}

/// A book at one of its updates.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Levels {
    pub(crate) last_update_id: u64,
    bids: Vec<(Decimal, Decimal)>,
    asks: Vec<(Decimal, Decimal)>,
}

pub(crate) fn levels(book: &LocalBook) -> Levels {
    Levels {
        last_update_id: book.last_update_id().get(),
        bids: book.bids().map(|level| (level.price, level.quantity)).collect(),
        asks: book.asks().map(|level| (level.price, level.quantity)).collect(),
    }
}

/// Every book that was synced is the exchange's at its update. How many there were to compare.
pub(crate) fn compare_books(
    first: &ExchangeBook,
    depth: &[JournalEvent],
    samples: &[Levels],
) -> Result<u64, String> {
    let mut bids: BTreeMap<Decimal, Decimal> = first.bids.iter().copied().collect();
    let mut asks: BTreeMap<Decimal, Decimal> = first.asks.iter().copied().collect();
    let mut compared = 0;
    let mut events = depth.iter();
    let mut id = first.last_update_id;
    let mut decoder = Decoder::new();
    for sample in samples {
        while id < sample.last_update_id {
            let event = events.next().ok_or("a book that is ahead of the exchange")?;
            let update = decoder
                .frame(event.text.as_bytes(), |frame| match frame {
                    Frame::Event(frame) => MarketEvent::decode_event(frame),
                    other => panic!("{other:?}"),
                })
                .map_err(|error| error.to_string())?;
            let MarketEvent::Depth(update) = update else { panic!("{update:?}") };
            for (side, changes) in [(&mut bids, &update.bids), (&mut asks, &update.asks)] {
                for level in changes {
                    if level.quantity.is_zero() {
                        side.remove(&level.price);
                    } else {
                        side.insert(level.price, level.quantity);
                    }
                }
            }
            id = update.last_update_id.get();
        }
        // A snapshot may lie between two events: what the book was there is unknown.
        if id != sample.last_update_id {
            continue;
        }
        let truth = Levels {
            last_update_id: id,
            bids: bids.iter().rev().map(|(price, quantity)| (*price, *quantity)).collect(),
            asks: asks.iter().map(|(price, quantity)| (*price, *quantity)).collect(),
        };
        if *sample != truth {
            return Err(format!("another book at {id}:\n{sample:?}\n{truth:?}"));
        }
        compared += 1;
    }
    Ok(compared)
}
