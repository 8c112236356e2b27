//! The values that a range and a step leave.

use super::exact;
use super::fault::ViolationKind;
use binance_kit_core::Decimal;

/// Which way a value may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Down,
    Up,
    Nearest,
}

/// The multiples of a step between two bounds, above zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Grid {
    pub(super) min: Decimal,
    /// No bound without it.
    pub(super) max: Option<Decimal>,
    /// Zero if any value will do.
    pub(super) step: Decimal,
    /// The step that the number of decimal places leaves; never zero.
    pub(super) unit: Decimal,
}

impl Grid {
    /// A zero switches its part off, as with the exchange.
    pub(super) fn new(min: Decimal, max: Decimal, step: Decimal, places: u32) -> Self {
        Self { min, max: Some(max).filter(|max| !max.is_zero()), step, unit: unit(places) }
    }

    /// Whatever has so many decimal places.
    pub(super) fn places(places: u32) -> Self {
        Self::new(Decimal::ZERO, Decimal::ZERO, Decimal::ZERO, places)
    }

    /// The values that both have. `None` if there is no step for both.
    pub(super) fn and(self, other: Self) -> Option<Self> {
        Some(Self {
            min: self.min.max(other.min),
            max: match (self.max, other.max) {
                (Some(one), Some(two)) => Some(one.min(two)),
                (one, two) => one.or(two),
            },
            step: exact::common_multiple(self.step, other.step)?,
            unit: self.unit.max(other.unit),
        })
    }

    pub(super) fn at_least(mut self, min: Decimal) -> Self {
        self.min = self.min.max(min);
        self
    }

    pub(super) fn at_most(mut self, max: Decimal) -> Self {
        self.max = Some(self.max.map_or(max, |known| known.min(max)));
        self
    }

    /// The distance between neighbours.
    pub(super) fn pace(&self) -> Decimal {
        if self.step.is_zero() { self.unit } else { self.step }
    }

    /// The largest value there is at or below `value`.
    pub(super) fn below(&self, value: Decimal) -> Option<Decimal> {
        let value = self.max.map_or(value, |max| value.min(max));
        if value <= Decimal::ZERO {
            return None;
        }
        exact::floor(value, self.pace()).filter(|found| *found >= self.min && *found > Decimal::ZERO)
    }

    /// The smallest value there is at or above `value`.
    pub(super) fn above(&self, value: Decimal) -> Option<Decimal> {
        let value = value.max(self.min);
        let found = if value <= Decimal::ZERO { Some(self.pace()) } else { exact::ceil(value, self.pace()) };
        found.filter(|found| self.max.is_none_or(|max| *found <= max))
    }

    /// The value there is next to `value`; the lower of two that are as near.
    pub(super) fn nearest(&self, value: Decimal) -> Option<Decimal> {
        match (self.below(value), self.above(value)) {
            (Some(below), Some(above)) if above > value && below < value => {
                let (down, up) = (exact::subtract(value, below)?, exact::subtract(above, value)?);
                Some(if up < down { above } else { below })
            }
            (Some(below), Some(above)) => Some(if above <= value { above } else { below }),
            (below, above) => below.or(above),
        }
    }

    pub(super) fn round(&self, value: Decimal, direction: Direction) -> Option<Decimal> {
        match direction {
            Direction::Down => self.below(value),
            Direction::Up => self.above(value),
            Direction::Nearest => self.nearest(value),
        }
    }

    /// What is wrong with a value: out of range, and off the step.
    pub(super) fn faults(&self, given: Decimal) -> impl Iterator<Item = ViolationKind> + use<> {
        let range = if given < self.min {
            Some(ViolationKind::TooLow { given, bound: self.min, nearest: self.above(given) })
        } else {
            self.max.filter(|max| given > *max).map(|bound| ViolationKind::TooHigh {
                given,
                bound,
                nearest: self.below(given),
            })
        };
        let off_step = !exact::is_multiple(given, self.step);
        let step = off_step.then(|| ViolationKind::OffStep {
            given,
            step: self.step,
            below: self.below(given),
            above: self.above(given),
        });
        range.into_iter().chain(step)
    }
}

/// One in the last of so many decimal places.
pub(super) fn unit(places: u32) -> Decimal {
    Decimal::try_new(1, places).unwrap_or(Decimal::ONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::decimal::parse;

    fn number(text: &str) -> Decimal {
        parse(text).unwrap()
    }

    #[test]
    fn values_stay_within_the_range() {
        let grid = Grid::new(number("0.5"), number("2"), number("0.3"), 8);
        let round =
            |value: &str, direction| grid.round(number(value), direction).map(|value| value.to_string());
        // 0.6, 0.9, 1.2, 1.5, 1.8
        for (value, down, nearest, up) in [
            ("0.1", None, Some("0.6"), Some("0.6")),
            ("0.6", Some("0.6"), Some("0.6"), Some("0.6")),
            ("0.7", Some("0.6"), Some("0.6"), Some("0.9")),
            ("0.75", Some("0.6"), Some("0.6"), Some("0.9")),
            ("0.76", Some("0.6"), Some("0.9"), Some("0.9")),
            ("1.8", Some("1.8"), Some("1.8"), Some("1.8")),
            ("1.9", Some("1.8"), Some("1.8"), None),
            ("5", Some("1.8"), Some("1.8"), None),
            ("-1", None, Some("0.6"), Some("0.6")),
        ] {
            assert_eq!(round(value, Direction::Down).as_deref(), down, "{value} down");
            assert_eq!(round(value, Direction::Nearest).as_deref(), nearest, "{value} nearest");
            assert_eq!(round(value, Direction::Up).as_deref(), up, "{value} up");
        }
    }

    #[test]
    fn a_zero_switches_its_part_off() {
        let grid = Grid::new(Decimal::ZERO, Decimal::ZERO, Decimal::ZERO, 2);
        assert_eq!(grid.faults(number("1000000.123")).count(), 0);
        assert_eq!(grid.below(number("1.239")), Some(number("1.23")));
        assert_eq!(grid.above(Decimal::ZERO), Some(number("0.01")));
        assert_eq!(grid.below(number("0.001")), None);
    }

    #[test]
    fn an_empty_range_has_no_values() {
        let grid = Grid::new(number("0.7"), number("0.8"), number("0.3"), 8);
        for direction in [Direction::Down, Direction::Up, Direction::Nearest] {
            assert_eq!(grid.round(number("0.75"), direction), None);
        }
    }
}
