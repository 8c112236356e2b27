//! The bytes below a connection, where they can be held up, slowed down and cut: a layer between the server and a socket
//! or a link in memory, under TLS.

use std::any::Any;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// As one whose owner went away: FIN.
    Fin,
    /// RST.
    Reset,
}

/// What bytes can go over.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Dropping it is to reset the connection.
    fn reset_when_dropped(&self);
}

impl Wire for TcpStream {
    fn reset_when_dropped(&self) {
        if let Err(error) = self.set_zero_linger() {
            tracing::debug!(%error, "no SO_LINGER");
        }
    }
}

/// The client's end of a link to the exchange in memory: what a TCP connection to its port would be.
#[derive(Debug)]
pub struct MemoryLink {
    /// Bytes in both directions.
    io: DuplexStream,
    /// Why the link ended, where it did not just close.
    failure: Arc<Mutex<Option<io::ErrorKind>>>,
}

/// The server's end of a link in memory.
#[derive(Debug)]
pub(crate) struct MemoryServer {
    /// Bytes in both directions.
    io: DuplexStream,
    /// Why the link ended, where it did not just close.
    failure: Arc<Mutex<Option<io::ErrorKind>>>,
}

/// How much a link in memory holds in each direction.
const LINK: usize = 256 * 1024;

/// Both ends of a link in memory.
pub(crate) fn memory_link() -> (MemoryLink, MemoryServer) {
    let (client, server) = tokio::io::duplex(LINK);
    let failure = Arc::new(Mutex::new(None));
    (MemoryLink { io: client, failure: Arc::clone(&failure) }, MemoryServer { io: server, failure })
}

impl MemoryServer {
    /// Ends the link; the client sees that it was refused.
    pub(crate) fn refuse(self) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(io::ErrorKind::ConnectionRefused);
    }
}

impl Wire for MemoryServer {
    fn reset_when_dropped(&self) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(io::ErrorKind::ConnectionReset);
    }
}

impl MemoryLink {
    fn failure(&self) -> Option<io::Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).map(io::Error::from)
    }

    /// Whether the exchange refused the connection.
    pub(crate) fn is_refused(&self) -> bool {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) == Some(io::ErrorKind::ConnectionRefused)
    }
}

impl AsyncRead for MemoryLink {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let room = buf.remaining() > 0;
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        Poll::Ready(match self.failure() {
            // All that was sent before has been read.
            Some(error) if room && buf.filled().len() == before => Err(error),
            _ => Ok(()),
        })
    }
}

impl AsyncWrite for MemoryLink {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, bytes));
        Poll::Ready(written.map_err(|error| self.failure().unwrap_or(error)))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl AsyncRead for MemoryServer {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl AsyncWrite for MemoryServer {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[derive(Default)]
struct State {
    /// Nothing is read, or written.
    read_frozen: bool,
    /// Nothing is written.
    write_frozen: bool,
    /// How the connection was ended.
    ended: Option<End>,
    /// Ends after so many bytes more.
    end_after: Option<(u64, End)>,
    /// Pace of what is written.
    bytes_per_second: Option<u32>,
    /// Waker of a read that waits.
    reader: Option<Waker>,
    /// Waker of a write that waits.
    writer: Option<Waker>,
    /// Connections whose owner is gone while nothing got through: the peer must not notice yet.
    held: Vec<Box<dyn Any + Send>>,
}

/// The switches of one connection.
pub(crate) struct LinkControl {
    /// Whether anything is not as usual, so that usually the lock is not taken.
    special: AtomicBool,
    /// Switches.
    state: Mutex<State>,
}

impl fmt::Debug for LinkControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkControl").field("special", &self.is_special()).finish_non_exhaustive()
    }
}

impl LinkControl {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { special: AtomicBool::new(false), state: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_special(&self) -> bool {
        self.special.load(Ordering::Acquire)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        let held = if state.write_frozen { Vec::new() } else { std::mem::take(&mut state.held) };
        let special = state.read_frozen
            || state.write_frozen
            || state.ended.is_some()
            || state.end_after.is_some()
            || state.bytes_per_second.is_some();
        self.special.store(special, Ordering::Release);
        let wakers = [state.reader.take(), state.writer.take()];
        drop(state);
        drop(held);
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    /// Ends the connection, whatever its owner does.
    pub(crate) fn end(&self, how: End) {
        self.change(|state| {
            state.ended.get_or_insert(how);
        });
    }

    /// Ends the connection after so many bytes more are written.
    pub(crate) fn end_after(&self, bytes: u64, how: End) {
        if bytes == 0 {
            return self.end(how);
        }
        self.change(|state| state.end_after = Some((bytes, how)));
    }

    /// Holds up what is read and written, or lets it go on.
    pub(crate) fn freeze(&self, read: bool, write: bool) {
        self.change(|state| {
            state.read_frozen = read;
            state.write_frozen = write;
        });
    }

    /// Writes at this pace, or as fast as it can.
    pub(crate) fn pace(&self, bytes_per_second: Option<u32>) {
        self.change(|state| state.bytes_per_second = bytes_per_second.map(|pace| pace.max(1)));
    }

    /// Whether nothing that is written gets through.
    pub(crate) fn is_frozen(&self) -> bool {
        self.lock().write_frozen
    }
}

/// Bytes that faults can get at.
pub(crate) struct FaultyLink<T: Wire> {
    /// There until it is dropped.
    io: Option<T>,
    /// Switches of the connection.
    control: Arc<LinkControl>,
    /// When the next bytes may go out, where a pace is set.
    next: Option<Pin<Box<Sleep>>>,
}

impl<T: Wire> FaultyLink<T> {
    pub(crate) fn new(io: T, control: Arc<LinkControl>) -> Self {
        Self { io: Some(io), control, next: None }
    }

    fn io(&mut self) -> io::Result<Pin<&mut T>> {
        self.io.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn poll_paced(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(next) = &mut self.next {
            ready!(next.as_mut().poll(cx));
            self.next = None;
        }
        let (most, end, pace) = {
            let mut state = self.control.lock();
            if state.ended.is_some() {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            if state.write_frozen {
                state.writer = Some(cx.waker().clone());
                return Poll::Pending;
            }
            // A tenth of a second's worth at a time.
            let pace = state.bytes_per_second;
            let burst = pace.map_or(usize::MAX, |pace| usize::try_from(pace / 10).unwrap_or(1).max(1));
            let left =
                state.end_after.map_or(usize::MAX, |(left, _)| usize::try_from(left).unwrap_or(usize::MAX));
            (burst.min(left).min(bytes.len()), state.end_after, pace)
        };
        let written = ready!(self.io()?.poll_write(cx, &bytes[..most]))?;
        if let Some(pace) = pace {
            let micros =
                u64::try_from(written).unwrap_or(u64::MAX).saturating_mul(1_000_000) / u64::from(pace);
            self.next =
                Some(Box::pin(tokio::time::sleep_until(Instant::now() + Duration::from_micros(micros))));
        }
        if let Some((left, how)) = end {
            let left = left.saturating_sub(u64::try_from(written).unwrap_or(u64::MAX));
            if left == 0 {
                self.control.end(how);
            } else {
                self.control.change(|state| state.end_after = Some((left, how)));
            }
        }
        Poll::Ready(Ok(written))
    }
}

impl<T: Wire> fmt::Debug for FaultyLink<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyLink").field("control", &self.control).finish_non_exhaustive()
    }
}

impl<T: Wire> Drop for FaultyLink<T> {
    fn drop(&mut self) {
        let Some(io) = self.io.take() else { return };
        if !self.control.is_special() {
            return;
        }
        let mut state = self.control.lock();
        if state.ended == Some(End::Reset) {
            io.reset_when_dropped();
        }
        if state.write_frozen {
            state.held.push(Box::new(io));
        }
    }
}

impl<T: Wire> AsyncRead for FaultyLink<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let special = self.control.is_special();
        if special {
            let mut state = self.control.lock();
            match state.ended {
                Some(End::Fin) => return Poll::Ready(Ok(())),
                Some(End::Reset) => return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
                None if state.read_frozen => {
                    state.reader = Some(cx.waker().clone());
                    return Poll::Pending;
                }
                None => {}
            }
        }
        let result = self.io()?.poll_read(cx, buf);
        if result.is_pending() {
            // So that a switch thrown meanwhile is noticed.
            self.control.lock().reader = Some(cx.waker().clone());
            if !special && self.control.is_special() {
                cx.waker().wake_by_ref();
            }
        }
        result
    }
}

impl<T: Wire> AsyncWrite for FaultyLink<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.control.is_special() {
            return self.poll_paced(cx, bytes);
        }
        let result = self.io()?.poll_write(cx, bytes);
        if result.is_pending() {
            self.control.lock().writer = Some(cx.waker().clone());
            if self.control.is_special() {
                cx.waker().wake_by_ref();
            }
        }
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.control.is_special() && self.control.lock().ended.is_some() {
            return Poll::Ready(Ok(()));
        }
        self.io()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.control.is_special() {
            let mut state = self.control.lock();
            if state.ended.is_some() {
                return Poll::Ready(Ok(()));
            }
            if state.write_frozen {
                state.writer = Some(cx.waker().clone());
                return Poll::Pending;
            }
        }
        self.io()?.poll_shutdown(cx)
    }
}

/// Keeps a connection open and does nothing with it.
pub(crate) async fn ignore<T: Wire>(link: FaultyLink<T>) {
    let _link = link;
    std::future::pending::<()>().await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    fn pair() -> (MemoryLink, FaultyLink<MemoryServer>, Arc<LinkControl>) {
        let (client, server) = memory_link();
        let control = LinkControl::new();
        (client, FaultyLink::new(server, Arc::clone(&control)), control)
    }

    #[tokio::test(start_paused = true)]
    async fn a_reset_is_one_and_an_end_is_none() {
        let (mut client, mut server, control) = pair();
        server.write_all(b"ab").await.unwrap();
        control.end(End::Reset);
        assert_eq!(server.read_u8().await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        drop(server);
        assert_eq!(client.read_u16().await.unwrap(), u16::from_be_bytes(*b"ab"));
        assert_eq!(client.read_u8().await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        let (mut client, server, control) = pair();
        control.end(End::Fin);
        drop(server);
        assert_eq!(client.read_u8().await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test(start_paused = true)]
    async fn frozen_links_hide_even_their_end() {
        let (mut client, mut server, control) = pair();
        control.freeze(true, true);
        client.write_all(b"x").await.unwrap();
        for _ in 0..2 {
            let read = tokio::time::timeout(Duration::from_secs(99), server.read_u8());
            assert!(read.await.is_err());
        }
        drop(server);
        assert!(tokio::time::timeout(Duration::from_secs(99), client.read_u8()).await.is_err());
        control.freeze(false, false);
        assert_eq!(client.read_u8().await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_are_counted_and_paced() {
        let (mut client, mut server, control) = pair();
        control.end_after(3, End::Fin);
        assert!(server.write_all(b"abcdef").await.is_err());
        drop(server);
        let mut all = Vec::new();
        client.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"abc");
        let (_client, mut server, control) = pair();
        control.pace(Some(2));
        let before = Instant::now();
        server.write_all(b"abcde").await.unwrap();
        assert_eq!(before.elapsed(), Duration::from_secs(2));
    }
}
