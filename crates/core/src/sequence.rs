//! Where an event stands among the events of its stream: what tells that two copies are the same event, which of two came
//! first, and whether something is missing between them.

use crate::time::Timestamp;

/// The place of an event in its stream, from the ids that the event itself carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sequence {
    /// An id that is one more than that of the event before: trades, aggregate trades.
    Id(u64),
    /// Ids from `first` to `last`, which follow those of the event before without a hole: updates of a book.
    Range {
        /// The first id in the event.
        first: u64,
        /// The last id in the event.
        last: u64,
    },
    /// An id, and that of the event before.
    Linked {
        /// The id of the event before.
        previous: u64,
        /// The id of this one.
        last: u64,
    },
    /// An id that never falls, with holes that mean nothing.
    Growing(u64),
    /// A state of a candle. The candle that follows begins a millisecond after its end.
    Candle {
        /// When the candle begins.
        open: Timestamp,
        /// The last millisecond of it.
        close: Timestamp,
        /// Whether it is final.
        is_closed: bool,
        /// When the event was sent.
        at: Timestamp,
    },
    /// Time of the event, which has no id.
    Time(Timestamp),
}

/// A place in a stream: an id or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Position {
    /// A trade id, an aggregate id, an update id.
    Id(u64),
    /// An event time, or the time at which a candle begins.
    Time(Timestamp),
}

impl Sequence {
    /// The id before the first one in the event, where ids follow one another without holes.
    pub fn previous(self) -> Option<u64> {
        match self {
            Self::Id(id) => Some(id.saturating_sub(1)),
            Self::Range { first, .. } => Some(first.saturating_sub(1)),
            Self::Linked { previous, .. } => Some(previous),
            _ => None,
        }
    }

    /// The last place in the event: of two events of one stream, the later one has the greater.
    pub fn position(self) -> Position {
        match self {
            Self::Id(id) | Self::Growing(id) => Position::Id(id),
            Self::Range { last, .. } | Self::Linked { last, .. } => Position::Id(last),
            Self::Candle { at, .. } | Self::Time(at) => Position::Time(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_before_and_what_is_last() {
        assert_eq!(Sequence::Id(7).previous(), Some(6));
        assert_eq!(Sequence::Range { first: 5, last: 9 }.previous(), Some(4));
        assert_eq!(Sequence::Range { first: 5, last: 9 }.position(), Position::Id(9));
        assert_eq!(Sequence::Linked { previous: 3, last: 9 }.previous(), Some(3));
        assert_eq!(Sequence::Growing(7).previous(), None);
        assert_eq!(Sequence::Id(0).previous(), Some(0), "there is nothing before the first id");
        let at = Timestamp::from_millis(5);
        assert_eq!(Sequence::Time(at).position(), Position::Time(at));
    }
}
