//! Samples of candidates, and what is computed from them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A line that the program prints: samples of one candidate of one group.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Line {
    pub(super) group: String,
    pub(super) candidate: String,
    pub(super) bytes: Option<u64>,
    pub(super) metrics: BTreeMap<String, Vec<f64>>,
}

/// All samples of one candidate.
#[derive(Debug, Default, Serialize)]
pub(super) struct Candidate {
    pub(super) name: String,
    /// Length of a message.
    pub(super) bytes: Option<u64>,
    pub(super) metrics: BTreeMap<String, Vec<f64>>,
}

impl Candidate {
    /// The least sample: what the machine does when nothing else runs.
    pub(super) fn least(&self, metric: &str) -> Option<f64> {
        self.metrics.get(metric)?.iter().copied().min_by(f64::total_cmp)
    }

    /// The median: it carries what else the machine did.
    pub(super) fn median(&self, metric: &str) -> Option<f64> {
        median(self.metrics.get(metric)?)
    }
}

/// The candidates that were measured together.
#[derive(Debug, Default, Serialize)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) candidates: Vec<Candidate>,
}

impl Group {
    pub(super) fn candidate(&self, name: &str) -> Option<&Candidate> {
        self.candidates.iter().find(|candidate| candidate.name == name)
    }
}

/// Everything that was measured, in the order in which it was.
#[derive(Debug, Default, Serialize)]
pub(super) struct Figures {
    pub(super) groups: Vec<Group>,
}

impl Figures {
    /// Adds samples to those that are there.
    pub(super) fn add(&mut self, line: Line) {
        let at = self.groups.iter().position(|group| group.name == line.group).unwrap_or_else(|| {
            self.groups.push(Group { name: line.group, candidates: Vec::new() });
            self.groups.len() - 1
        });
        let Some(group) = self.groups.get_mut(at) else { return };
        let known = group.candidates.iter().position(|candidate| candidate.name == line.candidate);
        let at = known.unwrap_or_else(|| {
            group.candidates.push(Candidate { name: line.candidate, ..Candidate::default() });
            group.candidates.len() - 1
        });
        let Some(candidate) = group.candidates.get_mut(at) else { return };
        candidate.bytes = line.bytes.or(candidate.bytes);
        for (name, mut samples) in line.metrics {
            candidate.metrics.entry(name).or_default().append(&mut samples);
        }
    }
}

/// The middle of the samples; of an even number of them, the mean of the two in the middle.
pub(super) fn median(samples: &[f64]) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(middle.checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

/// How many times `base` a figure is; nothing where there is nothing to divide by.
pub(super) fn ratio(figure: Option<f64>, base: Option<f64>) -> Option<f64> {
    let (figure, base) = (figure?, base?);
    (base > 0.0).then(|| figure / base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(group: &str, candidate: &str, samples: &[f64]) -> Line {
        let metrics = BTreeMap::from([("ns".to_owned(), samples.to_vec())]);
        Line { group: group.to_owned(), candidate: candidate.to_owned(), bytes: Some(168), metrics }
    }

    #[test]
    fn the_median_is_in_the_middle_whatever_the_order() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[7.0]), Some(7.0));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_ratio_needs_both_figures_and_a_base_above_zero() {
        assert_eq!(ratio(Some(6.0), Some(2.0)), Some(3.0));
        assert_eq!(ratio(Some(6.0), Some(0.0)), None);
        assert_eq!(ratio(None, Some(2.0)), None);
        assert_eq!(ratio(Some(6.0), None), None);
    }

    #[test]
    fn rounds_of_a_candidate_are_collected_in_order() {
        let mut figures = Figures::default();
        for (group, candidate, sample) in
            [("b", "one", 3.0), ("b", "two", 9.0), ("b", "one", 1.0), ("a", "one", 5.0)]
        {
            figures.add(line(group, candidate, &[sample]));
        }
        let names: Vec<&str> = figures.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["b", "a"]);
        let one = figures.groups[0].candidate("one").unwrap();
        assert_eq!((one.least("ns"), one.median("ns"), one.bytes), (Some(1.0), Some(2.0), Some(168)));
        assert_eq!(one.least("allocations"), None);
    }
}
