//! The only place where a thread is started: the disk must not delay the reader of a socket.

use std::io;
use std::thread::JoinHandle;

pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run)
}
