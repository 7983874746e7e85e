//! What the server asks for before it lets a connection in, seen before tokio-postgres answers: a password that others could
//! read or guess is not sent.
//!
//! MD5 counts as readable: who listens can log in with what was said, and guess the password at leisure.
//!
//! Source: PostgreSQL's manual, "Message Formats".

use crate::options::{Method, RequireAuth};
use std::{fmt, io};

/// Reads along until the server has let the connection in.
pub(crate) struct Gate {
    required: RequireAuth,
    /// Others may listen.
    exposed: bool,
    place: Place,
    /// The beginning of the current message, as far as it matters here.
    seen: Vec<u8>,
    asked: bool,
}

#[derive(Clone, Copy)]
enum Place {
    /// The answer of one byte to whether the server encrypts.
    Offer,
    /// The head of a message, and the first number in it.
    Head,
    /// The rest of a message: this many bytes.
    Rest(usize),
    /// There is nothing more to be seen.
    Past,
}

/// Type, length, and the first number in it.
const HEAD: usize = 9;

impl Gate {
    /// For a stream on which the server speaks, after an answer to whether it encrypts when `offer` says so.
    pub(crate) fn new(required: RequireAuth, exposed: bool, offer: bool) -> Self {
        let place = if offer { Place::Offer } else { Place::Head };
        Self { required, exposed, place, seen: Vec::with_capacity(HEAD), asked: false }
    }

    /// Whether there is nothing more to be seen.
    pub(crate) fn is_passed(&self) -> bool {
        matches!(self.place, Place::Past)
    }

    /// Looks at what has arrived.
    pub(crate) fn see(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while let Some(first) = bytes.first() {
            let taken = match self.place {
                Place::Past => return Ok(()),
                Place::Offer => {
                    // What follows an S is encrypted, and seen elsewhere.
                    self.place = if *first == b'S' { Place::Past } else { Place::Head };
                    1
                }
                Place::Rest(left) => {
                    let taken = left.min(bytes.len());
                    self.place = if taken == left { Place::Head } else { Place::Rest(left - taken) };
                    taken
                }
                Place::Head => {
                    self.seen.push(*first);
                    if self.seen.len() == self.wanted() {
                        self.message()?;
                    }
                    1
                }
            };
            bytes = &bytes[taken..];
        }
        Ok(())
    }

    /// How many bytes of a message matter: its first number only counts in an authentication request.
    fn wanted(&self) -> usize {
        if self.seen.first() == Some(&b'R') { HEAD } else { 5 }
    }

    fn message(&mut self) -> io::Result<()> {
        let number = |at: usize| {
            let bytes = self.seen.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
            bytes.map_or(0, u32::from_be_bytes)
        };
        let (length, code) = (number(1) as usize, number(5));
        let rest = (length + 1).saturating_sub(self.seen.len());
        let asks = self.seen[0] == b'R';
        self.seen.clear();
        self.place = if rest == 0 { Place::Head } else { Place::Rest(rest) };
        if asks { self.request(code) } else { Ok(()) }
    }

    fn request(&mut self, code: u32) -> io::Result<()> {
        let method = match code {
            // It lets the connection in.
            0 if self.asked => {
                self.place = Place::Past;
                return Ok(());
            }
            0 => {
                self.place = Place::Past;
                Method::None
            }
            3 => Method::Password,
            5 => Method::Md5,
            7 => Method::Gss,
            9 => Method::Sspi,
            10 => Method::ScramSha256,
            // It goes on with what it has begun, or asks for what tokio-postgres refuses.
            _ => return Ok(()),
        };
        self.asked = true;
        if !self.required.allows(method) {
            return Err(io::Error::other(Refused::NotAllowed(method)));
        }
        let shows = matches!(method, Method::Password | Method::Md5);
        match shows && self.exposed && !self.required.names(method) {
            true => Err(io::Error::other(Refused::Exposed(method))),
            false => Ok(()),
        }
    }
}

/// Why the server's request is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Others could read the password on its way.
    Exposed(Method),
    /// `require_auth` allows others only.
    NotAllowed(Method),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exposed(Method::Md5) => f.write_str(
                "it asks for the password by MD5 on a connection that is not encrypted, where others may read it, so that \
                 nothing was sent: encrypt it (sslmode=verify-full), have the server ask by scram-sha-256, or allow this with \
                 require_auth=md5",
            ),
            Self::Exposed(method) => write!(
                f,
                "it asks for the password itself on a connection that is not encrypted, where others may read it, so that \
                 nothing was sent: encrypt it (sslmode=verify-full), have the server ask by scram-sha-256, or allow this with \
                 require_auth={method}",
            ),
            Self::NotAllowed(Method::None) => f.write_str(
                "it lets the user in without asking who that is, which require_auth does not allow: check the server's \
                 pg_hba.conf, or allow it with require_auth=none",
            ),
            Self::NotAllowed(method) => write!(
                f,
                "it asks for the password by the method {method}, which require_auth does not allow, so that nothing was \
                 sent: check the server's pg_hba.conf, or add {method} to require_auth",
            ),
        }
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request of this code, with more in it.
    fn request(code: u32, more: &[u8]) -> Vec<u8> {
        let mut bytes = vec![b'R'];
        bytes.extend((8 + more.len() as u32).to_be_bytes());
        bytes.extend(code.to_be_bytes());
        bytes.extend(more);
        bytes
    }

    /// What comes of these bytes, whole and one by one.
    fn seen(required: &RequireAuth, exposed: bool, offer: bool, bytes: &[u8]) -> Option<String> {
        let said = |chunks: usize| {
            let mut gate = Gate::new(required.clone(), exposed, offer);
            let error = bytes.chunks(chunks).find_map(|bytes| gate.see(bytes).err());
            error.map(|error| error.to_string())
        };
        let whole = said(bytes.len());
        assert_eq!(whole, said(1));
        assert_eq!(whole, said(4));
        whole
    }

    #[test]
    fn a_password_is_not_shown_to_others_unless_it_was_said() {
        let unsaid = RequireAuth::Unsaid;
        let only = |methods: &[Method]| RequireAuth::Only(methods.to_vec());
        let (clear, md5) = (request(3, b""), request(5, b"salt"));
        assert!(seen(&unsaid, true, false, &clear).unwrap().contains("require_auth=password"));
        assert!(seen(&unsaid, true, false, &md5).unwrap().contains("require_auth=md5"));
        assert_eq!(seen(&unsaid, false, false, &clear), None);
        assert_eq!(seen(&only(&[Method::Md5]), true, false, &md5), None);
        assert!(seen(&only(&[Method::Md5]), true, false, &clear).is_some());
        let but = RequireAuth::AnyBut(vec![Method::Password]);
        assert!(seen(&but, false, false, &clear).is_some());
        assert!(seen(&but, true, false, &md5).is_some(), "it was not named");
        assert_eq!(seen(&unsaid, true, false, &request(10, b"SCRAM-SHA-256\0\0")), None);
    }

    #[test]
    fn a_server_that_asks_nothing_is_told_from_one_that_did() {
        let scram = RequireAuth::Only(vec![Method::ScramSha256]);
        assert!(seen(&scram, false, false, &request(0, b"")).unwrap().contains("require_auth=none"));
        let mut asked = request(10, b"SCRAM-SHA-256\0\0");
        asked.extend(request(11, b"challenge"));
        asked.extend(request(12, b"proof"));
        asked.extend(request(0, b""));
        assert_eq!(seen(&scram, false, false, &asked), None);
    }

    #[test]
    fn other_messages_and_the_offer_to_encrypt_are_passed_over() {
        let mut bytes = b"N".to_vec();
        bytes.extend(b"N\0\0\0\x0cSNOTICE\0");
        bytes.extend(request(3, b""));
        assert!(seen(&RequireAuth::Unsaid, true, true, &bytes).is_some());
        // Encrypted: what comes is not for these eyes.
        let mut bytes = b"S".to_vec();
        bytes.extend(request(3, b""));
        assert_eq!(seen(&RequireAuth::Unsaid, true, true, &bytes), None);
    }
}
