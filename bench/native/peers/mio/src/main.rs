//! The services on mio: mio-peer SERVICE [--short-read]. Reads until WouldBlock, as mio's contract asks, and echoes straight from
//! the one buffer that all connections share. `--short-read` takes a read that did not fill the buffer for the end of what
//! there is: true on Linux, not promised by mio.
use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Events, Interest, Poll, Token};
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

const SERVER: Token = Token(usize::MAX);
const BUFFER: usize = 1 << 16;
const LONGEST_LINE: usize = 1 << 16;
const BURST: usize = 50;
const BURST_SIZE: usize = 1200;

struct Connection {
    stream: TcpStream,
    /// What could not be written yet, or the beginning of a line.
    rest: Vec<u8>,
}

#[derive(Default)]
struct Connections {
    places: Vec<Option<Connection>>,
    free: Vec<usize>,
}

impl Connections {
    fn insert(&mut self, stream: TcpStream) -> usize {
        let connection = Some(Connection { stream, rest: Vec::new() });
        match self.free.pop() {
            Some(i) => {
                self.places[i] = connection;
                i
            }
            None => {
                self.places.push(connection);
                self.places.len() - 1
            }
        }
    }

    fn remove(&mut self, i: usize) {
        if self.places[i].take().is_some() {
            self.free.push(i);
        }
    }
}

fn blocked(error: &io::Error) -> bool {
    error.kind() == ErrorKind::WouldBlock
}

/// Echoes until there is nothing to read; Err when the connection is over.
fn echo(poll: &Poll, token: Token, c: &mut Connection, buffer: &mut [u8], short: bool) -> io::Result<()> {
    if !c.rest.is_empty() {
        return flush(poll, token, c, buffer, short);
    }
    loop {
        let n = match c.stream.read(buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => n,
            Err(e) if blocked(&e) => return Ok(()),
            Err(e) => return Err(e),
        };
        let sent = match c.stream.write(&buffer[..n]) {
            Ok(sent) => sent,
            Err(e) if blocked(&e) => 0,
            Err(e) => return Err(e),
        };
        if sent < n {
            c.rest.extend_from_slice(&buffer[sent..n]);
            return poll.registry().reregister(&mut c.stream, token, Interest::WRITABLE);
        }
        if short && n < buffer.len() {
            return Ok(());
        }
    }
}

fn flush(poll: &Poll, token: Token, c: &mut Connection, buffer: &mut [u8], short: bool) -> io::Result<()> {
    while !c.rest.is_empty() {
        match c.stream.write(&c.rest) {
            Ok(n) => drop(c.rest.drain(..n)),
            Err(e) if blocked(&e) => return Ok(()),
            Err(e) => return Err(e),
        }
    }
    poll.registry().reregister(&mut c.stream, token, Interest::READABLE)?;
    echo(poll, token, c, buffer, short)
}

/// Sends whole lines to all others. Err when the sender is over.
fn relay(all: &mut Connections, i: usize, buffer: &mut [u8], short: bool) -> io::Result<()> {
    loop {
        let Some(c) = all.places[i].as_mut() else { return Ok(()) };
        let n = match c.stream.read(buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => n,
            Err(e) if blocked(&e) => return Ok(()),
            Err(e) => return Err(e),
        };
        match buffer[..n].iter().rposition(|&b| b == b'\n') {
            None if c.rest.len() > LONGEST_LINE => return Err(ErrorKind::InvalidData.into()),
            None => c.rest.extend_from_slice(&buffer[..n]),
            Some(last) => {
                let mut line = std::mem::take(&mut c.rest);
                c.rest.extend_from_slice(&buffer[last + 1..n]);
                if line.is_empty() {
                    send_to_others(all, i, &buffer[..=last]);
                } else {
                    line.extend_from_slice(&buffer[..=last]);
                    send_to_others(all, i, &line);
                }
            }
        }
        if short && n < buffer.len() {
            return Ok(());
        }
    }
}

fn send_to_others(all: &mut Connections, from: usize, line: &[u8]) {
    for i in 0..all.places.len() {
        let Some(c) = all.places[i].as_mut() else { continue };
        // A client that has no room for a line is too slow.
        if i != from && !matches!(c.stream.write(line), Ok(n) if n == line.len()) {
            all.remove(i);
        }
    }
}

fn serve_streams(broadcast: bool, short: bool) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    let mut listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    poll.registry().register(&mut listener, SERVER, Interest::READABLE)?;
    println!("listening {}", listener.local_addr()?.port());
    let mut all = Connections::default();
    let mut buffer = vec![0u8; BUFFER];
    loop {
        match poll.poll(&mut events, None) {
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in events.iter() {
            if event.token() == SERVER {
                loop {
                    match listener.accept() {
                        Ok((stream, _)) => {
                            if broadcast {
                                stream.set_nodelay(true)?;
                            }
                            let i = all.insert(stream);
                            let c = all.places[i].as_mut().unwrap();
                            poll.registry().register(&mut c.stream, Token(i), Interest::READABLE)?;
                        }
                        Err(e) if blocked(&e) => break,
                        Err(e) if e.kind() == ErrorKind::ConnectionAborted => continue,
                        Err(e) => return Err(e),
                    }
                }
                continue;
            }
            let i = event.token().0;
            let result = match all.places[i].as_mut() {
                None => Ok(()),
                Some(_) if broadcast => relay(&mut all, i, &mut buffer, short),
                Some(c) => echo(&poll, event.token(), c, &mut buffer, short),
            };
            if result.is_err() {
                all.remove(i);
            }
        }
    }
}

fn serve_datagrams(service: &str) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    let mut socket = UdpSocket::bind("127.0.0.1:0".parse::<SocketAddr>().unwrap())?;
    poll.registry().register(&mut socket, SERVER, Interest::READABLE)?;
    println!("listening {}", socket.local_addr()?.port());
    let mut buffer = vec![0u8; BUFFER];
    let (mut count, mut bytes) = (0u64, 0u64);
    let burst: Vec<u8> =
        (0..BURST * BURST_SIZE).map(|i| if i % BURST_SIZE == 0 { (i / BURST_SIZE) as u8 } else { b'Z' }).collect();
    loop {
        match poll.poll(&mut events, None) {
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        loop {
            let (n, from) = match socket.recv_from(&mut buffer) {
                Ok(received) => received,
                Err(e) if blocked(&e) => break,
                Err(e) => return Err(e),
            };
            if service == "udp-send" {
                for part in burst.chunks(BURST_SIZE) {
                    let _ = socket.send_to(part, from);
                }
            } else if service == "udp-echo" {
                let _ = socket.send_to(&buffer[..n], from); // what finds no room is dropped
            } else if &buffer[..n] == b"STAT" {
                let _ = socket.send_to(format!("{count} {bytes}").as_bytes(), from);
            } else {
                count += 1;
                bytes += n as u64;
            }
        }
    }
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let service = arguments.next().unwrap_or_default();
    let short = arguments.any(|argument| argument == "--short-read");
    match service.as_str() {
        "tcp-echo" => serve_streams(false, short),
        "broadcast" => serve_streams(true, short),
        "udp-echo" | "udp-receive" | "udp-send" => serve_datagrams(&service),
        _ => Err(io::Error::new(ErrorKind::InvalidInput, "no such service")),
    }
}
