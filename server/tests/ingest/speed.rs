//! The speed test: what arrives is counted and thrown away, within limits.

use super::support::{Answer, Place};
use super::{ask, ask_with};
use axum::http::{Method, StatusCode};
use invigil_wire::agent::{MAX_SPEED_TEST_BYTES, SPEED_TEST, SpeedAnswer};

#[tokio::test]
async fn a_speed_test_counts_bytes_and_is_bounded() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let test = async |len: usize| -> Answer { ask(&agent, Method::POST, SPEED_TEST, &[], vec![0; len]).await };
    let answer = test(MAX_SPEED_TEST_BYTES).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.json::<SpeedAnswer>(), SpeedAnswer { received_bytes: 512 << 10, server_time_ms: place.clock_ms() });
    assert_eq!(test(0).await.json::<SpeedAnswer>().received_bytes, 0);
    assert_eq!(test(MAX_SPEED_TEST_BYTES + 1).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(ask_with(&place, &"00".repeat(32), Method::POST, SPEED_TEST, &[], vec![0; 9]).await.status, StatusCode::UNAUTHORIZED);
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(test(1).await.status);
    }
    assert_eq!(answers, [StatusCode::OK, StatusCode::OK, StatusCode::TOO_MANY_REQUESTS, StatusCode::TOO_MANY_REQUESTS]);
    place.clock.advance(1000);
    assert_eq!(test(1).await.status, StatusCode::OK);
    place.clock.advance(agent.expires_ms - place.clock_ms());
    assert_eq!(test(1).await.status, StatusCode::GONE);
}
