//! Addresses of servers by name. A name service that is gone must not cost the connection: the addresses that were found last are used then.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// How long the name service may take where an earlier answer is known: an attempt to reach the server has little time.
const PATIENCE: Duration = Duration::from_millis(400);

/// The system's name service, with a memory. One for the whole process.
#[derive(Debug, Clone, Default)]
pub struct Names(Arc<Mutex<HashMap<String, Vec<SocketAddr>>>>);

impl Names {
    /// The process's own.
    pub fn shared() -> Arc<Self> {
        static SHARED: LazyLock<Arc<Names>> = LazyLock::new(Arc::default);
        Arc::clone(&SHARED)
    }

    fn known(&self, host: &str) -> Option<Vec<SocketAddr>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(host).cloned()
    }

    /// What `lookup` finds, or what it found last.
    async fn find(&self, host: String, lookup: impl Future<Output = std::io::Result<Vec<SocketAddr>>>) -> std::io::Result<Vec<SocketAddr>> {
        let known = self.known(&host);
        let found = match &known {
            Some(_) => tokio::time::timeout(PATIENCE, lookup).await.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into())),
            None => lookup.await,
        };
        match (found, known) {
            (Ok(found), _) if !found.is_empty() => {
                self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(host, found.clone());
                Ok(found)
            }
            (_, Some(known)) => Ok(known),
            (found, None) => found,
        }
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, host) = (self.clone(), name.as_str().to_owned());
        Box::pin(async move {
            let asked = host.clone();
            let lookup = async move { Ok(tokio::net::lookup_host((asked.as_str(), 0)).await?.collect()) };
            let found = names.find(host, lookup).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_found_last_is_used_while_the_name_service_is_gone() {
        let names = Names::default();
        let address: Vec<SocketAddr> = vec!["10.0.0.1:0".parse().unwrap()];
        let gone = || async { Err(std::io::Error::other("gone")) };
        assert!(names.find("server".into(), gone()).await.is_err());
        assert_eq!(names.find("server".into(), async { Ok(address.clone()) }).await.unwrap(), address);
        assert_eq!(names.find("server".into(), gone()).await.unwrap(), address);
        assert_eq!(names.find("server".into(), std::future::pending()).await.unwrap(), address);
        assert!(names.find("other".into(), gone()).await.is_err());
        let moved: Vec<SocketAddr> = vec!["10.0.0.2:0".parse().unwrap()];
        assert_eq!(names.find("server".into(), async { Ok(moved.clone()) }).await.unwrap(), moved);
    }
}
