import pytest

from parsers.records import Topic
from parsers.topics import find_topics
from tests.staging import Case, cases, document_of, scene_of


@pytest.mark.parametrize("case", cases("topics"))
def test_topics(case: Case) -> None:
    document = document_of(case)
    found = find_topics(document, scene_of(document, case))
    names = [topic.topic.value for topic in found]
    assert set(case.get("has", [])) <= set(names)
    assert not set(case.get("lacks", [])) & set(names)
    if "order" in case:
        assert names == case["order"]
    assert len(names) == len(set(names))
    for topic in found:
        assert document.text[topic.span.start : topic.span.end].strip()


def test_every_topic_has_words() -> None:
    spoken = {"other"}
    for topic in Topic:
        if topic.value in spoken:
            continue
        text = f"Ana Duarte met Ivo Banik. They discussed {WORDS[topic.value]}."
        case = {"text": text, "cue": "met", "why": "one word"}
        document = document_of(case)
        assert topic in {found.topic for found in find_topics(document, scene_of(document, case))}, topic


WORDS = {
    "trade": "tariffs",
    "investment": "foreign direct investment",
    "finance": "banking",
    "energy": "oil",
    "nuclear": "uranium enrichment",
    "climate_environment": "climate change",
    "water": "the river and its dams",
    "agriculture_food": "wheat",
    "health": "vaccines",
    "education_science": "scholarships",
    "technology_digital": "semiconductors",
    "telecommunications": "broadband",
    "cybersecurity": "cybersecurity",
    "artificial_intelligence": "artificial intelligence",
    "space": "satellites",
    "transport_infrastructure": "railways",
    "defence_military": "arms sales",
    "security_counterterrorism": "terrorism",
    "peace_conflict": "a ceasefire",
    "arms_control": "disarmament",
    "human_rights": "human rights",
    "migration_refugees": "refugees",
    "consular": "visas",
    "culture_heritage": "museums",
    "tourism": "tourism",
    "sport": "football",
    "media": "broadcasting",
    "law_justice": "extradition",
    "crime_drugs": "drug trafficking",
    "governance_elections": "elections",
    "parliament": "parliamentary friendship groups",
    "humanitarian_aid": "humanitarian aid",
    "labour_social": "migrant workers and pensions",
    "religion": "interfaith work",
    "sanctions": "sanctions",
    "regional_integration": "regional integration",
    "multilateral_cooperation": "multilateralism",
    "bilateral_relations": "bilateral relations",
    "industry_mining": "mining",
}
