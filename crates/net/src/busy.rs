//! A TCP connection that is asked again and again whether something has come, instead of waiting for the system to say so.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A byte stream that is never registered with the runtime's reactor: a task that waits for it wakes itself at once. Other tasks
/// of the runtime have their turn in between, and timers fire.
#[derive(Debug)]
pub(crate) struct Busy {
    /// The connection, which does not block.
    stream: TcpStream,
}

impl Busy {
    /// Takes over a connection. The file descriptor stays the same.
    pub(crate) fn new(stream: tokio::net::TcpStream) -> io::Result<Self> {
        let stream = stream.into_std()?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream })
    }
}

/// The result of a call that does not block. Without one the task is woken at once.
fn ready<T>(context: &Context<'_>, mut call: impl FnMut() -> io::Result<T>) -> Poll<io::Result<T>> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            result => return Poll::Ready(result),
        }
    }
}

impl AsyncRead for Busy {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut stream = &self.stream;
        // The buffers of the frame layer are initialised already: nothing is cleared here.
        let space = buf.initialize_unfilled();
        ready(cx, || stream.read(space)).map_ok(|count| buf.advance(count))
    }
}

impl AsyncWrite for Busy {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut stream = &self.stream;
        ready(cx, || stream.write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut stream = &self.stream;
        ready(cx, || stream.write_vectored(bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A TCP connection has no buffer of its own here.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.stream.shutdown(Shutdown::Write) {
            // The peer was faster.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Poll::Ready(Ok(())),
            result => Poll::Ready(result),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Endpoint;
    use crate::io::Dial as _;
    use crate::tcp::TcpDial;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn bytes_go_both_ways_and_timers_fire_while_it_waits() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let endpoint = Endpoint::parse(&format!("ws://127.0.0.1:{port}")).unwrap();
        let mut ours = TcpDial::new().busy_poll().dial(&endpoint).await.unwrap();
        let (mut theirs, _) = listener.accept().await.unwrap();
        // Nothing comes: the runtime is not held up.
        let mut byte = [0; 5];
        tokio::time::timeout(Duration::from_millis(5), ours.read(&mut byte)).await.unwrap_err();
        theirs.write_all(b"hello").await.unwrap();
        assert_eq!((ours.read_exact(&mut byte).await.unwrap(), &byte), (5, b"hello"));
        // More than the system takes in one go.
        let much = vec![7; 8 << 20];
        let (written, read) = tokio::join!(ours.write_all(&much), async {
            let mut read = vec![0; much.len()];
            theirs.read_exact(&mut read).await.map(|_| read)
        });
        written.unwrap();
        assert!(read.unwrap() == much);
        ours.flush().await.unwrap();
        ours.shutdown().await.unwrap();
        assert_eq!(theirs.read(&mut byte).await.unwrap(), 0);
        drop(theirs);
        assert_eq!(ours.read(&mut byte).await.unwrap(), 0);
    }
}
