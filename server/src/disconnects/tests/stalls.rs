//! D6: this server stands still without ending: a paused machine, a stopped process.

use super::*;

#[tokio::test]
async fn a_server_that_stood_still_accuses_nobody() {
    for noted in [true, false] {
        let mut scene = Scene::new().await;
        scene.alive(MIN).await;
        let wake = |scene: &Scene| {
            if noted {
                crate::disconnects::awake(&scene.bench.state);
            }
        };
        wake(&scene);
        let from_ms = crate::disconnects::now_ms(&scene.bench.state);
        scene.bench.clock.pass(11 * MIN);
        wake(&scene);
        // The engine looks before any agent is heard again. Their attempts went on.
        scene.tick().await;
        scene.sequence += 165;
        scene.bench.clock.pass(3_000);
        scene.alive(9_000).await;
        let (outages, finding) = scene.report().await;
        assert_eq!(outages.len(), 1, "{outages:?}");
        if !noted {
            assert_eq!((outages[0].cause.as_str(), kind(&finding)), ("link", ("retake", true)), "nobody knows better");
            continue;
        }
        assert_eq!((outages[0].cause.as_str(), outages[0].provisional), ("server", false));
        assert!(outages[0].counted_upper_ms <= 10_000, "{outages:?}");
        assert_eq!(kind(&finding), ("server-outage", false));
        let down = server_downtime::Entity::find().all(&scene.bench.state.db).await.unwrap();
        let ours: Vec<_> = down.iter().filter(|row| row.kind == "unwritten").map(|row| (row.from_ms, row.to_ms)).collect();
        assert_eq!(ours, [(from_ms, Some(from_ms + 11 * MIN))]);
    }
}

/// Between two stalls somebody was silent while others could be heard.
#[tokio::test]
async fn silence_between_two_stalls_counts() {
    let mut scene = Scene::new().await;
    scene.alive(MIN).await;
    let awake = |scene: &Scene| crate::disconnects::awake(&scene.bench.state);
    awake(&scene);
    scene.bench.clock.pass(10_000);
    awake(&scene);
    for _ in 0..11 * 60 {
        scene.bench.clock.pass(1_000);
        awake(&scene);
    }
    scene.bench.clock.pass(10_000);
    awake(&scene);
    // The database held the engine up until now.
    scene.tick().await;
    scene.sequence += 165;
    scene.alive(9_000).await;
    let (outages, finding) = scene.report().await;
    assert_eq!((outages.len(), outages[0].cause.as_str(), kind(&finding)), (1, "link", ("retake", true)), "{outages:?}");
    let down_ms = outages[0].upper_ms - outages[0].counted_upper_ms;
    assert_eq!(down_ms, 20_000);
}
