//! Faults that tests order: what goes wrong with the next request of a kind.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Nothing is answered. REST: the connection is cut.
    Drop,
    /// This is answered instead.
    Answer(u16, String),
    /// The answer comes late.
    Delay(Duration),
}

/// When it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Before the request is carried out, which it then is not (unless it is only late).
    Before,
    /// After the request was carried out.
    After,
}

#[derive(Debug)]
struct Rule {
    target: String,
    when: When,
    action: Action,
}

/// The faults in force; each applies once.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Mutex<VecDeque<Rule>>,
}

impl Faults {
    pub(crate) fn order(&self, target: &str, when: When, action: Action) {
        let rule = Rule { target: target.to_owned(), when, action };
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).push_back(rule);
    }

    /// The first fault in force for a request, which is used up by it.
    pub(crate) fn take(&self, request: &str, when: When) -> Option<Action> {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let index = rules
            .iter()
            .position(|rule| rule.when == when && (rule.target == "*" || rule.target == request))?;
        rules.remove(index).map(|rule| rule.action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_applies_once_to_its_target() {
        let faults = Faults::default();
        faults.order("order.place", When::After, Action::Drop);
        faults.order("*", When::Before, Action::Answer(500, "x".to_owned()));
        assert_eq!(faults.take("ping", When::After), None);
        assert_eq!(faults.take("order.place", When::After), Some(Action::Drop));
        assert_eq!(faults.take("order.place", When::After), None);
        assert!(faults.take("ping", When::Before).is_some());
        assert_eq!(faults.take("ping", When::Before), None);
    }
}
