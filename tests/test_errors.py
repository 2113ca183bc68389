import pickle

import pytest

from pavane.core import errors
from pavane.core.errors import BadMap, BadProfile, PavaneError


def test_says_what_value_limit_and_remedy_in_one_line() -> None:
    error = BadProfile("limits.vx_max is too fast", value=7.0, limit="<= 5 m/s", remedy="Lower it.")
    assert str(error) == "limits.vx_max is too fast; got 7.0; expected <= 5 m/s. Lower it."


def test_leaves_out_what_is_not_known() -> None:
    assert str(BadMap("map has no free cell")) == "map has no free cell."
    assert (
        str(BadMap("map has no free cell", remedy="Check free_thresh.")) == "map has no free cell. Check free_thresh."
    )
    assert str(BadMap("resolution is wrong", value=0.0)) == "resolution is wrong; got 0.0."


def test_long_values_stay_on_one_short_line() -> None:
    line = str(BadMap("bad", value="row\n" * 500))
    assert "\n" not in line
    assert len(line) < 140


def test_survives_the_pickle_of_a_worker_process() -> None:
    error = BadProfile("what", value=[1, 2], limit="three", remedy="Add one.")
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is BadProfile
    assert str(twin) == str(error)
    assert (twin.what, twin.value, twin.limit, twin.remedy) == ("what", [1, 2], "three", "Add one.")


@pytest.mark.parametrize("name", [n for n in vars(errors) if n.startswith("Bad")])
def test_every_error_of_a_user_is_a_pavane_error(name: str) -> None:
    assert issubclass(getattr(errors, name), PavaneError)
