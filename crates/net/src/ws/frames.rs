//! The frame layer, in two implementations that are tested against each other: [`InPlace`], and the library's behind a guard
//! ([`Library`]). Nothing above this file knows which one reads.

use super::config::FrameLayer;
use super::header::{Opcode, Violation};
use super::in_place::InPlace;
use super::library::Library;
use std::fmt;
use std::io;
use std::task::{Context, Poll};
use tokio::io::AsyncRead;
use tokio::time::Instant;

/// Where the payload of a frame lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Start in the buffer of the frame layer.
    pub(super) begin: usize,
    /// End.
    pub(super) end: usize,
}

/// A frame of the peer. Its payload can be had until the next one is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    /// Whether it ends its message.
    pub(super) is_final: bool,
    /// What it carries.
    pub(super) opcode: Opcode,
    /// Where its payload is; see [`Frames::payload`].
    pub(super) place: Place,
}

/// Why there are no more frames.
#[derive(Debug)]
pub(super) enum FrameError {
    /// The peer broke the protocol.
    Violation(Violation),
    /// The byte stream ended or failed.
    Io(io::Error),
}

/// Reads frames.
pub(super) enum Frames<R> {
    /// Where they lie.
    InPlace(InPlace<R>),
    /// By the library.
    Library(Library),
}

impl<R> fmt::Debug for Frames<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InPlace(_) => "Frames(in place)",
            Self::Library(_) => "Frames(library)",
        })
    }
}

impl<R: AsyncRead + Send + Unpin + 'static> Frames<R> {
    /// `already_read` are bytes behind the upgrade that came together with it.
    pub(super) fn new(
        layer: FrameLayer,
        io: R,
        already_read: &[u8],
        max_frame: usize,
        read_buffer: usize,
    ) -> Self {
        match layer {
            FrameLayer::InPlace => Self::InPlace(InPlace::new(io, already_read, max_frame, read_buffer)),
            FrameLayer::Fastwebsockets => Self::Library(Library::new(io, already_read, max_frame)),
        }
    }

    /// The next frame. Must not be called again after an error.
    #[inline]
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Frame, FrameError>> {
        match self {
            Self::InPlace(frames) => frames.poll(cx),
            Self::Library(frames) => frames.poll(cx),
        }
    }

    /// The payload of the last frame.
    #[inline]
    pub(super) fn payload(&self, place: Place) -> &[u8] {
        match self {
            Self::InPlace(frames) => frames.payload(place),
            Self::Library(frames) => frames.payload(place),
        }
    }

    /// The bytes received since the upgrade.
    pub(super) fn received(&self) -> u64 {
        match self {
            Self::InPlace(frames) => frames.received(),
            Self::Library(frames) => frames.watch().received(),
        }
    }

    /// When the last of them came; at first, when the connection was opened.
    pub(super) fn last_received(&self) -> Instant {
        match self {
            Self::InPlace(frames) => frames.last_received(),
            Self::Library(frames) => frames.watch().last_received(),
        }
    }

    /// The number of the frame of which a part has come, and how many bytes that is.
    pub(super) fn partial_frame(&self) -> Option<(u64, u64)> {
        match self {
            Self::InPlace(frames) => frames.partial_frame(),
            Self::Library(frames) => frames.watch().partial_frame(),
        }
    }
}
