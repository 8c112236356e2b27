//! The diffs that wait for a snapshot.

use crate::input::{DepthDiff, Diff, SyncRule};
use std::collections::VecDeque;

/// A run of diffs without a gap, bounded in events and levels. The oldest are dropped when it is full, so that the run stays
/// without a gap and only the snapshot must be newer.
#[derive(Debug, Clone, Default)]
pub(super) struct DiffBuffer {
    /// The diffs, oldest first.
    diffs: VecDeque<Diff>,
    /// Number of levels in all diffs.
    levels: usize,
    /// The minimum id that a snapshot must have for the run to follow it.
    floor: u64,
    /// The id at which the run ends.
    tail: u64,
}

/// Capacity that is kept when the buffer is emptied.
const KEPT: usize = 64;

impl DiffBuffer {
    /// Empties the buffer; the next diff pushed begins a new run.
    pub(super) fn clear(&mut self) {
        self.start_at(0);
    }

    /// Empties the buffer for a run that begins at `id`.
    pub(super) fn start_at(&mut self, id: u64) {
        self.diffs.clear();
        self.diffs.shrink_to(KEPT);
        self.levels = 0;
        self.floor = id;
        self.tail = id;
    }

    pub(super) fn floor(&self) -> u64 {
        self.floor
    }

    pub(super) fn tail(&self) -> u64 {
        self.tail
    }

    pub(super) fn len(&self) -> usize {
        self.diffs.len()
    }

    pub(super) fn diffs(&self) -> impl Iterator<Item = &Diff> {
        self.diffs.iter()
    }

    /// Appends a diff that follows the run (or begins one), and returns how many were dropped for it.
    pub(super) fn push(
        &mut self,
        rule: SyncRule,
        diff: &impl DepthDiff,
        max_events: usize,
        max_levels: usize,
    ) -> usize {
        let diff = Diff::copy_of(diff);
        if self.tail == 0 {
            self.floor = rule.base_of(&diff);
        }
        self.tail = diff.last_update_id.get();
        self.levels += diff.level_count();
        self.diffs.push_back(diff);
        let mut dropped = 0;
        while self.diffs.len() > max_events || self.levels > max_levels {
            let Some(oldest) = self.diffs.pop_front() else { break };
            self.levels -= oldest.level_count();
            self.floor = oldest.last_update_id.get();
            dropped += 1;
        }
        dropped
    }

    /// Drops the diffs that a snapshot at `id` contains.
    pub(super) fn forget_until(&mut self, id: u64) {
        while self.diffs.front().is_some_and(|diff| diff.last_update_id.get() <= id) {
            let Some(oldest) = self.diffs.pop_front() else { break };
            self.levels -= oldest.level_count();
            self.floor = oldest.last_update_id.get();
        }
    }
}
