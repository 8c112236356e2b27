//! Events by number: the storage that knows the event type. All other state refers to events by their slot; only what is on its
//! way into a queue or out of it holds some itself.

/// The place of an event in [`Slots`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    /// The number of the slot.
    number: u32,
    /// What the event takes, in bytes; an upper bound.
    bytes: u32,
}

impl Slot {
    /// What the event takes, in bytes; an upper bound.
    #[inline]
    pub(crate) fn bytes(self) -> usize {
        self.bytes as usize
    }
}

/// Number of free slots that are kept when no event is.
const KEPT: usize = 4096;

/// Events that are held somewhere: in the order of their stream, among the items, in a queue.
#[derive(Debug)]
pub(crate) struct Slots<E> {
    /// The events; `None` where the slot is free.
    values: Vec<Option<E>>,
    /// The free slots.
    free: Vec<u32>,
}

impl<E> Slots<E> {
    pub(crate) const fn new() -> Self {
        Self { values: Vec::new(), free: Vec::new() }
    }

    /// Keeps an event that takes so many bytes.
    #[inline]
    pub(crate) fn insert(&mut self, event: E, bytes: usize) -> Slot {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        if let Some(number) = self.free.pop()
            && let Some(value) = self.values.get_mut(number as usize)
        {
            *value = Some(event);
            return Slot { number, bytes };
        }
        self.values.push(Some(event));
        // Held events are bounded far below this.
        let number = u32::try_from(self.values.len() - 1).unwrap_or(u32::MAX);
        Slot { number, bytes }
    }

    /// Takes an event out. `None` when it was taken before.
    #[inline]
    pub(crate) fn take(&mut self, slot: Slot) -> Option<E> {
        let event = self.values.get_mut(slot.number as usize)?.take()?;
        self.free.push(slot.number);
        if self.free.len() == self.values.len() && self.free.len() > KEPT {
            // What a flood took is given back.
            *self = Self::new();
        }
        Some(event)
    }

    /// Number of events that are kept.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.values.len() - self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_used_again_once_taken() {
        let mut slots = Slots::new();
        let (one, two) = (slots.insert("one", 1), slots.insert("two", 1));
        assert_eq!((slots.take(one), slots.take(one)), (Some("one"), None));
        assert_eq!(slots.insert("three", 1), one);
        assert_eq!((slots.take(two), slots.take(one), slots.len()), (Some("two"), Some("three"), 0));
    }

    #[test]
    fn k12_slots_of_a_flood_are_given_back() {
        let mut slots = Slots::new();
        let all: Vec<Slot> = (0..10_000).map(|number| slots.insert(number, 4)).collect();
        assert!(all.into_iter().all(|slot| slots.take(slot).is_some()));
        assert_eq!(slots.values.capacity() + slots.free.capacity(), 0);
    }
}
