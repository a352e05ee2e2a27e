"""`python -m analysis.demo`: write the synthetic repository of the review and its truth."""

from pathlib import Path

from analysis.demo import SEED, generate, write_truth

if __name__ == "__main__":
    data = Path("data")
    published = data / "published"
    generate(data, seed=SEED, published=published)
    write_truth(data, seed=SEED, published=published)
