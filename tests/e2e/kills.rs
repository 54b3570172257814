use invigil_tests::scenario::kills;

/// P1: kill -9 of agent and server at random moments costs at most two seconds each and nothing is there twice
/// (`./invigil kills` does 20 rounds of each).
#[test]
fn kills_at_random_moments_lose_at_most_two_seconds_and_double_nothing() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let camera = format!("file:{}", invigil_tests::clip().unwrap().display());
    let outcome = kills::run(home.path(), &camera, 4, 4).unwrap();
    assert!(outcome.complaints().is_empty(), "{:#?}\n{outcome:#?}", outcome.complaints());
}
