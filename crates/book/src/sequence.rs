//! Consecutive ids, such as those of trades, and the holes in them.

use std::fmt;

/// A range of ids that never came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdHole {
    /// The first of them.
    pub from: u64,
    /// The last of them.
    pub to: u64,
}

impl IdHole {
    /// Returns the number of ids.
    pub const fn size(self) -> u64 {
        self.to.saturating_sub(self.from).saturating_add(1)
    }
}

impl fmt::Display for IdHole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to {
            write!(f, "{}", self.from)
        } else {
            write!(f, "{}..={}", self.from, self.to)
        }
    }
}

/// Checks that ids are consecutive.
#[derive(Debug, Clone, Default)]
pub struct IdSequence {
    /// The highest id seen.
    last: Option<u64>,
    /// Number of different ids seen.
    count: u64,
    /// Number of ids that were not above the last.
    repeated: u64,
    /// Number of ids missing.
    missing: u64,
    /// The holes, up to a maximum number.
    holes: Vec<IdHole>,
}

/// Maximum number of holes kept.
const MAX_HOLES: usize = 1000;

impl IdSequence {
    /// Creates a sequence that begins with the first id seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes an id, and returns the ids missing before it. An id that is not above the last counts as repeated.
    pub fn observe(&mut self, id: u64) -> Option<IdHole> {
        let hole = match self.last {
            Some(last) if id <= last => {
                self.repeated += 1;
                return None;
            }
            Some(last) if id - last > 1 => Some(IdHole { from: last + 1, to: id - 1 }),
            _ => None,
        };
        self.last = Some(id);
        self.count += 1;
        if let Some(hole) = hole {
            self.missing = self.missing.saturating_add(hole.size());
            if self.holes.len() < MAX_HOLES {
                self.holes.push(hole);
            }
        }
        hole
    }

    /// Returns the number of different ids seen.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the number of ids that came again, or after a later one.
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// Returns the number of ids missing.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Returns the first thousand holes.
    pub fn holes(&self) -> &[IdHole] {
        &self.holes
    }

    /// Returns the highest id seen.
    pub fn last(&self) -> Option<u64> {
        self.last
    }
}
