//! User data and order outcomes.
