//! The state of the connections and streams as a value.

use super::Connections;
use super::link::{Link, Stage};
use crate::item::ConnectionId;
use crate::status::{ConnectionState, ConnectionStatus, Status, StreamStatus};

impl Connections {
    /// The state of everything at this moment.
    pub(crate) fn status(&self) -> Status {
        let now = self.now();
        let wall = self.target.context.clock().now();
        let mut status = Status {
            disconnects: self.totals.disconnects,
            rotations: self.totals.rotations,
            malformed: self.totals.malformed,
            queued: self.items.len(),
            ..Status::default()
        };
        for (index, lane) in &self.lanes {
            let Some(group) = self.groups.get(lane.group) else { continue };
            for (replica_index, replica) in lane.replicas.iter().enumerate() {
                let link = replica.current.and_then(|source| self.links.get(&source));
                let mut id = ConnectionId {
                    connection: *index,
                    replica: replica_index,
                    generation: replica.generation,
                };
                let mut state = ConnectionState::Waiting;
                if let Some(link) = link {
                    id = link.id;
                    state = match (&link.stage, link.settled) {
                        (Stage::Live(_), Some(_)) => ConnectionState::Live,
                        (Stage::Live(_), None) => ConnectionState::Subscribing,
                        _ => ConnectionState::Connecting,
                    };
                }
                let live = link.filter(|link| link.is_live());
                let endpoint = group.endpoints.get(replica_index);
                status.connections.push(ConnectionStatus {
                    id,
                    api: group.api,
                    route: group.route,
                    endpoint: endpoint.map(ToString::to_string).unwrap_or_default(),
                    state,
                    is_rotating: replica.rotation.is_some(),
                    up_for: live.map(|link| now.at.saturating_sub(link.since)),
                    attempts: replica.backoff.attempt(),
                    messages: link.map_or(0, |link| link.messages),
                    bytes: link.map_or(0, Link::bytes),
                    streams: lane.names.len(),
                    silent_for: live.map(|link| now.at.saturating_sub(link.last_received(&now))),
                    race: replica.race,
                });
            }
        }
        for state in self.streams.iter() {
            let silent_for = state.watch.since().map(|since| now.at.saturating_sub(since));
            let stale_since = state.watch.stale_since();
            status.streams.push(StreamStatus {
                stream: state.info.name.clone(),
                api: state.info.api,
                connection: state.lane,
                is_acknowledged: self.is_present(state.lane, &state.info.name),
                events: state.events,
                silent_for: silent_for.filter(|_| state.events > 0),
                cadence: state.watch.cadence().expected(),
                stale_since: stale_since.map(|since| wall.minus(now.at.saturating_sub(since))),
                gaps: state.gaps,
                backfilled: state.backfilled,
                duplicates: state.duplicates,
                lagged: 0,
                held: state.order.held(),
            });
        }
        status.streams.sort_by(|one, other| (&one.stream, one.api).cmp(&(&other.stream, other.api)));
        status
    }
}
