"""What a grader of rubrics replies beside the JSON that it is asked for."""

import pytest

from chatmodes.evaluating.grading import verdict_in


@pytest.mark.parametrize(
    ("reply", "met"),
    [
        ('```json\n{"explanation": "x", "criteria_met": false}\n```', False),
        ('Sure!\n{"criteria_met": true}\nTell me if you need more.', True),
        ('{"explanation": "x", "criteria_met": "true"}', True),
        ('{"criteria_met": "False"}', False),
        ("{'explanation': 'x', 'criteria_met': True}", True),
        ('{"explanation": "It says "call" at once.", "criteria_met": false}', False),
        ("**criteria_met**: true", True),
        ('{"explanation": "The cut came late", "criteria_met": true', True),
        ('[{"criteria_met": true}]', True),
        ('{"result": {"criteria_met": false}}', False),
        ('{"explanation": "It says \\"criteria_met\\": true.", "criteria_met": false}', False),
        ('{"explanation": "It says "criteria_met": true.", "criteria_met": false}', None),  # either may be quoted
        ('{"explanation": "x"}', None),
        ('{"criteria_met": null}', None),
        ('{"criteria_met": "partly"}', None),
        ('{"criteria_met": 1}', None),
        ("true", None),
        ("", None),
        pytest.param("criteria_met: " * 100_000, None, id="at length"),
    ],
)
def test_a_verdict_is_read_where_the_reply_has_one(reply: str, met: bool | None) -> None:
    assert verdict_in(reply) is met
