//! A network that writes down what arrives: a resolver, hubs' front doors at any address, and two proxies, in a namespace of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

/// Every hub's port, whatever its host.
pub const HUB_PORT: u16 = 8700;
pub const SOCKS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9050);
pub const CONNECT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 3128);

/// Something that left a command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A name that the resolver was asked for.
    Lookup(String),
    /// A connection to this address.
    Connection(SocketAddr),
    /// What a proxy was asked to connect to.
    Proxied(String),
}

/// What left so far, as the kernel of this namespace counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Connections that were begun, those that nobody took included; without the recorder's own.
    pub connections: u64,
    /// Datagrams that were sent, without the resolver's answers.
    pub datagrams: u64,
}

/// Writes down what arrives, and passes it on to the hub of that name or address.
#[derive(Clone)]
pub struct Recorder(Arc<Inner>);

struct Inner {
    /// Where hubs really listen, by host.
    hubs: BTreeMap<String, SocketAddr>,
    /// What the resolver knows.
    names: BTreeMap<String, Ipv4Addr>,
    events: Mutex<Vec<Event>>,
    came: Condvar,
    forwarded: AtomicU64,
    answered: AtomicU64,
}

impl Recorder {
    /// Listens at once; runs until the test's process ends.
    pub fn start(hubs: BTreeMap<String, SocketAddr>, names: BTreeMap<String, Ipv4Addr>) -> Self {
        let recorder = Self(Arc::new(Inner {
            hubs,
            names,
            events: Mutex::default(),
            came: Condvar::new(),
            forwarded: AtomicU64::default(),
            answered: AtomicU64::default(),
        }));
        let resolver = UdpSocket::bind((Ipv4Addr::LOCALHOST, 53)).unwrap();
        let here = recorder.clone();
        thread::spawn(move || here.resolve(&resolver));
        recorder.listen((Ipv4Addr::UNSPECIFIED, HUB_PORT).into(), |here, stream| {
            here.forward(&stream.local_addr()?.ip().to_string(), stream)
        });
        recorder.listen(SOCKS, Self::socks);
        recorder.listen(CONNECT, Self::connect);
        recorder
    }

    /// What came since this was asked last.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.0.events.lock().unwrap())
    }

    /// Returns once all of these came; they stay to be taken.
    pub fn wait_for(&self, awaited: &BTreeSet<Event>) {
        let events = self.0.events.lock().unwrap();
        let lacks = |events: &mut Vec<Event>| !awaited.iter().all(|event| events.contains(event));
        drop(self.0.came.wait_while(events, lacks).unwrap());
    }

    pub fn traffic(&self) -> Traffic {
        let count = |protocol: &str, name: &str| {
            let text = fs::read_to_string("/proc/self/net/snmp").unwrap();
            let mut lines =
                text.lines().filter_map(|line| line.strip_prefix(protocol)).map(str::split_whitespace);
            let (mut names, mut values) = (lines.next().unwrap(), lines.next().unwrap());
            let at = names.position(|column| column == name).unwrap();
            values.nth(at).unwrap().parse::<u64>().unwrap()
        };
        Traffic {
            connections: count("Tcp:", "ActiveOpens") - self.0.forwarded.load(Ordering::SeqCst),
            datagrams: count("Udp:", "OutDatagrams") - self.0.answered.load(Ordering::SeqCst),
        }
    }

    fn note(&self, event: Event) {
        self.0.events.lock().unwrap().push(event);
        self.0.came.notify_all();
    }

    fn listen(&self, address: SocketAddr, serve: fn(&Self, TcpStream) -> io::Result<()>) {
        let listener = TcpListener::bind(address).unwrap();
        let here = self.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let here = here.clone();
                here.note(Event::Connection(stream.local_addr().unwrap()));
                // A command that ends hangs up, which is an error that nobody needs.
                thread::spawn(move || serve(&here, stream).unwrap_or_default());
            }
        });
    }

    /// SOCKS 5 without a password, names only as names.
    fn socks(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting)?;
        stream.write_all(&[5, 0])?;
        let mut head = [0; 4];
        stream.read_exact(&mut head)?;
        let host = if head[3] == 1 {
            let mut address = [0; 4];
            stream.read_exact(&mut address)?;
            Ipv4Addr::from(address).to_string()
        } else {
            let mut len = [0];
            stream.read_exact(&mut len)?;
            let mut name = vec![0; len[0].into()];
            stream.read_exact(&mut name)?;
            String::from_utf8_lossy(&name).into_owned()
        };
        let mut port = [0; 2];
        stream.read_exact(&mut port)?;
        self.note(Event::Proxied(format!("{host}:{}", u16::from_be_bytes(port))));
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
        self.forward(&host, stream)
    }

    fn connect(&self, stream: TcpStream) -> io::Result<()> {
        let mut lines = BufReader::with_capacity(1, stream.try_clone()?).lines();
        let first = lines.next().transpose()?.unwrap_or_default();
        while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
        self.note(Event::Proxied(target.clone()));
        let mut answer = stream.try_clone()?;
        answer.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        self.forward(target.rsplit_once(':').map_or("", |(host, _)| host), stream)
    }

    fn forward(&self, host: &str, mut stream: TcpStream) -> io::Result<()> {
        let Some(hub) = self.0.hubs.get(host) else { return Ok(()) };
        self.0.forwarded.fetch_add(1, Ordering::SeqCst);
        let mut hub = TcpStream::connect(hub)?;
        let (mut up, mut to_hub) = (stream.try_clone()?, hub.try_clone()?);
        thread::spawn(move || {
            let _ = io::copy(&mut up, &mut to_hub);
            let _ = to_hub.shutdown(Shutdown::Write);
        });
        io::copy(&mut hub, &mut stream)?;
        stream.shutdown(Shutdown::Both)
    }

    fn resolve(&self, socket: &UdpSocket) {
        let mut packet = [0; 512];
        while let Ok((len, from)) = socket.recv_from(&mut packet) {
            let (name, end) = name_asked(&packet[12..len]);
            self.note(Event::Lookup(name.clone()));
            let wants_v4 = packet[12 + end..].starts_with(&[0, 1]);
            let known = self.0.names.get(&name.to_lowercase());
            let found = known.filter(|_| wants_v4);
            let mut answer = packet[..12 + end + 4].to_vec();
            answer[2] = 0x81;
            answer[3] = if known.is_some() { 0x80 } else { 0x83 };
            answer[4..12].copy_from_slice(&[0, 1, 0, u8::from(found.is_some()), 0, 0, 0, 0]);
            if let Some(address) = found {
                answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
                answer.extend(address.octets());
            }
            self.0.answered.fetch_add(1, Ordering::SeqCst);
            socket.send_to(&answer, from).unwrap();
        }
    }
}

/// A question's name with dots, and where it ends.
fn name_asked(question: &[u8]) -> (String, usize) {
    let (mut labels, mut at) = (Vec::new(), 0);
    while question[at] > 0 {
        let end = at + 1 + usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..end]).into_owned());
        at = end;
    }
    (labels.join("."), at + 1)
}
