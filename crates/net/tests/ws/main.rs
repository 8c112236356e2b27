//! The WebSocket connection against peers that do not behave. Names of tests begin with the row of the fault catalogue or the
//! probe that they are about.

// `cfg(test)` tells clippy that helpers outside of test functions are tests too.
#[cfg(test)]
#[path = "../common/mod.rs"]
mod common;

#[cfg(test)]
mod cancel;
#[cfg(test)]
mod framing;
#[cfg(test)]
mod handshake;
#[cfg(test)]
mod probes;
#[cfg(test)]
mod proxies;
#[cfg(test)]
mod random;
#[cfg(test)]
mod tcp;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod transport;
