//! Events by number: the only storage that knows the event type. All other state refers to events by their slot.

/// The place of an event in [`Slots`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot(u32);

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

    /// Keeps an event.
    #[inline]
    pub(crate) fn insert(&mut self, event: E) -> Slot {
        if let Some(number) = self.free.pop()
            && let Some(value) = self.values.get_mut(number as usize)
        {
            *value = Some(event);
            return Slot(number);
        }
        self.values.push(Some(event));
        // Held events are bounded far below this.
        Slot(u32::try_from(self.values.len() - 1).unwrap_or(u32::MAX))
    }

    /// Takes an event out. `None` when it was taken before.
    #[inline]
    pub(crate) fn take(&mut self, slot: Slot) -> Option<E> {
        let event = self.values.get_mut(slot.0 as usize)?.take()?;
        self.free.push(slot.0);
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
        let (one, two) = (slots.insert("one"), slots.insert("two"));
        assert_eq!((slots.take(one), slots.take(one)), (Some("one"), None));
        assert_eq!(slots.insert("three"), one);
        assert_eq!((slots.take(two), slots.take(one), slots.len()), (Some("two"), Some("three"), 0));
    }
}
