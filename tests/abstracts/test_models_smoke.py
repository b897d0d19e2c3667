import pytest
from django.utils import timezone

from abstracts.models import Abstract
from abstracts.visibility import ANONYMOUS, Level
from tests.factories import whole_abstract


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "level"), [({}, Level.FULL), ({"listing": True}, Level.LISTED), ({"shell": True}, Level.SHELL)]
)
def test_levels(state, level):
    whole_abstract(**state)
    assert Abstract.objects.visible_to(ANONYMOUS, timezone.now()).get().level == level
