#!/bin/sh
# tantivy (Python) 0.27.0: the stemmer for Spanish gives the singular and the plural of everyday words of medicine
# different stems, so that a field with Filter.stemmer("spanish") does not find one by the other: enfermedad and
# enfermedades (disease, diseases), mujer and mujeres (woman, women), articular and articulares. It takes "-edad", "-er"
# and "-ar" for endings, but only where they end the word. Elsewhere it joins: pulmón (lung) and pulmonar.
#
# Expected of a stemmer: one stem for the forms of a word.
# Seen: enfermed and enfermedad, muj and mujer, articul and articular; pulmon for pulmón and pulmonar, and one stem for
# riñón and riñones, infección and infecciones.
#
# Exits with 0 while this is so, with 1 if it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tantivy==0.27.0
cat > "$folder/show.py" <<'PYTHON'
from tantivy import Document, Filter, Index, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

PAIRS = [
    ("enfermedad", "enfermedades", False), ("mujer", "mujeres", False), ("articular", "articulares", False),
    ("riñón", "riñones", True), ("infección", "infecciones", True), ("pulmón", "pulmonar", True),
]
builder = SchemaBuilder()
builder.add_text_field("text", stored=True, tokenizer_name="es")
index = Index(builder.build())
analyzer = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase()).filter(Filter.stemmer("spanish")).build()
index.register_tokenizer("es", analyzer)
writer = index.writer(15_000_000, 1)
for one, _, _ in PAIRS:
    writer.add_document(Document(text=one))
writer.commit()
writer.wait_merging_threads()
index.reload()
searcher = index.searcher()
same = True
for one, other, expected in PAIRS:
    found = searcher.search(index.parse_query(other, ["text"]), 1).count > 0
    print(f"{one}: {analyzer.analyze(one)[0]}; {other}: {analyzer.analyze(other)[0]}; found by it: {found}")
    same &= found == expected
raise SystemExit(0 if same else 1)
PYTHON
"$folder/venv/bin/python" "$folder/show.py"
