import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from models import Base


@pytest.fixture
def engine():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()
