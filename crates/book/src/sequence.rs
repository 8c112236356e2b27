//! Ids that are consecutive, such as those of trades, and the holes in them.

use std::fmt;

/// Ids that never came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdHole {
    /// The first of them.
    pub from: u64,
    /// The last of them.
    pub to: u64,
}

impl IdHole {
    /// How many they are.
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

/// Watches ids that ought to be consecutive.
#[derive(Debug, Clone, Default)]
pub struct IdSequence {
    last: Option<u64>,
    count: u64,
    repeated: u64,
    missing: u64,
    holes: Vec<IdHole>,
}

/// How many holes are kept one by one.
const MAX_HOLES: usize = 1000;

impl IdSequence {
    /// A sequence that begins with the first id seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an id, and says which ids before it are missing. An id that is not above the last is counted as repeated.
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

    /// How many different ids were seen.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many ids came again, or after a later one.
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// How many ids are missing.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// The holes, the first thousand of them.
    pub fn holes(&self) -> &[IdHole] {
        &self.holes
    }

    /// The highest id seen.
    pub fn last(&self) -> Option<u64> {
        self.last
    }
}
