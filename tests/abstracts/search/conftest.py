import pytest


@pytest.fixture(scope="module")
def shared_root(tmp_path_factory):
    return tmp_path_factory.mktemp("search")


@pytest.fixture
def one_index_for_module(settings, shared_root):
    """One index for all tests of a module, which ask about one world that is made once."""
    settings.SEARCH_INDEX_ROOT = shared_root
