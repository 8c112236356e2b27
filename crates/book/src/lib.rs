//! Verified local order books.
