use super::state::{Begun, Enrolled};
use super::*;
use crate::enrol::{self, Server};
use crate::spool::{Spool, layout, runs};
use crate::testing::World;
use invigil_format::Digest;
use invigil_wire::room::RoomExam;
use std::sync::atomic::AtomicUsize;

/// The computer of a room with one exam, which was taken ahead and has started a second ago. It has no camera.
pub(super) struct Hall {
    pub(super) world: World,
    pub(super) home: Arc<Home>,
    pub(super) state: Arc<State>,
    pub(super) config: Config,
    pub(super) exam: RoomExam,
    _folder: tempfile::TempDir,
}

impl Hall {
    pub(super) fn new() -> Self {
        crate::init();
        let (folder, mut world) = (tempfile::tempdir().unwrap(), World::new());
        let file = folder.path().join("agent.toml");
        let text = "servers = [\"https://127.0.0.1:1\"]\nspool = \"spool\"\ncameras = [\"test\"]\nmicrophone = \"none\"\n";
        std::fs::write(&file, text).unwrap();
        let config = Config::load(&file).unwrap();
        let spool = Spool::open(&config.spool).unwrap();
        let home = Arc::new(Home { spool, device: world.device.clone(), queue: Arc::default(), together: Arc::default() });
        let answer = &mut world.enrolment.answer;
        answer.exam.starts_ms = enrol::now_ms() - 1000;
        // Other tests lift the clock by an hour.
        answer.exam.ends_ms = answer.exam.starts_ms + 86_400_000;
        let exam =
            RoomExam { recording: answer.recording, exam: answer.exam.clone(), lead_ms: 0, ended_ms: None, by_code: false, begun: false };
        let kept = &world.enrolment;
        kept.save(&home.spool.layout.recording(exam.recording), &world.device).unwrap();
        let room = Enrolled {
            name: "Hall 1".into(),
            code_digest: Digest([1; 32]),
            token: "t".into(),
            servers: Vec::new(),
            fingerprint: kept.fingerprint,
            institution: kept.institution,
            certificates: Vec::new(),
        };
        let state = Arc::new(State::load(&home.spool.layout.state()).unwrap());
        state.update(|kept| {
            kept.room = Some(room);
            kept.listed(vec![exam.clone()]);
        });
        Self { world, home, state, config, exam, _folder: folder }
    }

    pub(super) fn keeper(&self) -> Keeper {
        Keeper::new(self.config.clone(), Arc::clone(&self.home), Arc::clone(&self.state), Arc::new(Progress::new(false)))
    }

    /// The service long after its start, so that this computer's clock may begin an exam.
    pub(super) fn service(&self) -> Service {
        let (_, commands) = mpsc::channel(1);
        let progress = Arc::new(Progress::new(false));
        let signals = Signals::silent().unwrap();
        let mut service = Service::new(self.config.clone(), Arc::clone(&self.home), progress, signals, commands).unwrap();
        service.capture.cameras.clear();
        service.started_us = 0;
        service
    }

    /// A server that gives this answer to everything, and how often it was asked.
    pub(super) async fn server(&self, answer: &impl serde::Serialize) -> (Server, Arc<AtomicUsize>) {
        let (answer, asked) = (serde_json::to_string(answer).unwrap(), Arc::<AtomicUsize>::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let count = Arc::clone(&asked);
        let router = axum::Router::new().fallback(move || {
            count.fetch_add(1, Ordering::SeqCst);
            std::future::ready(answer)
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        (Server::for_test(&url, self.world.enrolment.fingerprint), asked)
    }
}

/// Everything is closed that was put down.
async fn closed(service: &mut Service) {
    while service.closing.next().await.is_some() {}
}

#[tokio::test]
async fn an_exam_that_this_computers_clock_began_counts_as_such_though_a_server_tells_its_time_meanwhile() {
    let hall = Hall::new();
    let (recording, starts_ms) = (hall.exam.recording, hall.exam.exam.starts_ms);
    let mut service = hall.service();
    let keeper = Arc::clone(&service.keeper);
    // By the server's time the exam is due in an hour. It is told while the run is being begun.
    let told = tokio::spawn(async move { keeper.hear(starts_ms - 3_600_000) });
    service.step().await;
    told.await.unwrap();
    assert!(service.keeper.is_told() && service.going.len() == 1);
    assert_eq!(service.state.get().begun, [Begun { recording, by_own_clock: true }]);
    // The next look puts it right.
    service.step().await;
    assert!(service.going.is_empty() && service.state.get().begun.is_empty());
    closed(&mut service).await;
}

#[tokio::test]
async fn cameras_are_opened_anew_when_the_thread_of_one_broke_down_but_not_again_and_again() {
    let hall = Hall::new();
    let mut service = hall.service();
    service.step().await;
    assert_eq!(service.going.len(), 1);
    service.cameras = Some(Cameras::broken_down());
    service.step().await;
    assert!(service.going.is_empty() && service.cameras.is_none(), "put down");
    assert!(service.trouble.contains("broke down") && service.state.get().going_on() == [hall.exam.recording]);
    closed(&mut service).await;
    service.again_us = 0;
    service.step().await;
    assert!(service.going.len() == 1 && service.cameras.as_ref().is_some_and(|cameras| !cameras.has_broken_down()));
    assert_eq!(service.trouble, "");
    // The others are recorded meanwhile.
    service.cameras = Some(Cameras::broken_down());
    service.step().await;
    assert_eq!(service.going.len(), 1);
    // As after five minutes.
    service.reopened_us = None;
    service.step().await;
    assert!(service.going.is_empty());
    closed(&mut service).await;
}

#[tokio::test]
async fn what_was_ended_while_its_run_was_being_begun_ends_as_collected() {
    let hall = Hall::new();
    let recording = hall.exam.recording;
    let mut service = hall.service();
    service.step().await;
    // As the word that came meanwhile leaves it.
    service.state.update(|kept| kept.end(recording));
    service.ended_at_rest.insert(recording);
    service.look_at_what_goes_on();
    assert_eq!(service.going[0].end, Some(End::Collected));
    assert!(service.ended_at_rest.is_empty(), "its run tells the server");
    service.step().await;
    closed(&mut service).await;
    let names = &hall.home.spool.layout;
    let run = runs(names, recording)[0];
    assert!(layout::finish(&names.run(recording, run)).exists());
}
