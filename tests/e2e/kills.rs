use invigil_tests::scenario::kills;

/// P1: kill -9 of agent and server at random moments loses no segment, costs at most a second and a half a track each, and nothing is there twice
/// (`./invigil kills 200` does 200 rounds).
#[test]
fn kills_at_random_moments_lose_at_most_a_second_and_a_half_and_double_nothing() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let outcome = kills::run(home.path(), &invigil_tests::clip().unwrap(), 4, 4).unwrap();
    assert!(outcome.complaints().is_empty(), "{:#?}\n{outcome:#?}", outcome.complaints());
}
