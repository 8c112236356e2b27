//! How busy a symbol is: quiet and busy times, and trades that call for more trades.
//!
//! Both are processes in whole numbers, so that a seed gives the same market on every machine.

use crate::engine::Side;
use crate::random::Random;
use serde::{Deserialize, Serialize};

/// Probabilities are kept in parts of this.
const ONE: u64 = 1 << 16;
/// How likely an action is a trade when nothing happened lately.
const CALM: u64 = ONE / 50;
/// What one trade adds to the probability of another of its side, and of the other side. What it adds fades by a part
/// in [`MEMORY`] with every action, so that a trade brings 0.6 and 0.15 further ones about.
const SAME_SIDE: u64 = ONE * 60 / 100 / MEMORY;
const OTHER_SIDE: u64 = ONE * 15 / 100 / MEMORY;
const MEMORY: u64 = 32;
/// However excited, no more than every second action is a trade.
const MAX_HEAT: u64 = ONE / 2;

/// What share of its average rate a symbol has in a mood, in percent, and how likely the mood is. 100 on average.
const MOODS: [(u64, u64); 5] = [(25, 30), (60, 30), (100, 22), (220, 13), (480, 5)];

/// The moods of one symbol.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Flow {
    /// What recent trades add to the probabilities of buying and of selling.
    heat: [u64; 2],
    /// How busy the market is now, in percent.
    percent: u64,
    /// For how many more steps the mood lasts.
    steps: u64,
}

const fn index(side: Side) -> usize {
    match side {
        Side::Buy => 0,
        Side::Sell => 1,
    }
}

impl Flow {
    /// How busy the next step is, in percent of the average.
    pub(super) fn step(&mut self, random: &mut Random) -> u64 {
        if self.steps == 0 {
            let mut ticket = random.below(100);
            for (percent, chance) in MOODS {
                self.percent = percent;
                if ticket < chance {
                    break;
                }
                ticket -= chance;
            }
            // Half a second to half a minute; short ones are more likely.
            self.steps = 50 << random.below(6);
            self.steps += random.below(self.steps);
        }
        self.steps -= 1;
        self.percent
    }

    /// Whether the next action is a trade, and of which side its taker is.
    pub(super) fn next(&mut self, random: &mut Random) -> Option<Side> {
        let [buying, selling] = self.heat.map(|heat| (CALM / 2 + heat).min(MAX_HEAT / 2));
        for heat in &mut self.heat {
            *heat -= heat.div_ceil(MEMORY);
        }
        match random.below(ONE) {
            drawn if drawn < buying => Some(Side::Buy),
            drawn if drawn < buying + selling => Some(Side::Sell),
            _ => None,
        }
    }

    /// A trade happened.
    pub(super) fn excite(&mut self, side: Side) {
        self.heat[index(side)] += SAME_SIDE;
        self.heat[index(side.opposite())] += OTHER_SIDE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trades_come_in_clusters() {
        let (mut flow, mut random) = (Flow::default(), Random::new(7));
        let mut counts = vec![0_u64];
        for action in 0..400_000 {
            if action % 100 == 99 {
                counts.push(0);
            }
            if let Some(side) = flow.next(&mut random) {
                flow.excite(side);
                *counts.last_mut().unwrap() += 1;
            }
        }
        let windows = counts.len() as u64;
        let sum: u64 = counts.iter().sum();
        // 2 % of the actions, times 1 / (1 - 0.75).
        assert!((24_000..40_000).contains(&sum), "{sum}");
        // Independent trades would have a variance that equals the mean.
        let squares: u64 = counts.iter().map(|count| count * count).sum();
        let (mean, variance) = (sum / windows, squares / windows - (sum / windows) * (sum / windows));
        assert!(variance > 3 * mean, "{mean} {variance}");
    }

    #[test]
    fn moods_are_average_in_the_long_run() {
        assert_eq!(MOODS.iter().map(|(_, chance)| chance).sum::<u64>(), 100);
        assert_eq!(MOODS.iter().map(|(percent, chance)| percent * chance).sum::<u64>() / 100, 100);
        let (mut flow, mut random) = (Flow::default(), Random::new(7));
        let sum: u64 = (0..2_000_000).map(|_| flow.step(&mut random)).sum();
        assert!((80..120).contains(&(sum / 2_000_000)), "{sum}");
    }
}
