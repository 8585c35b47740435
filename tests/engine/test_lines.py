"""Where lines may be broken on a narrow page, and where not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from sitekit.claims import number
from sitekit.code_aside import insert_code, set_code_aside
from sitekit.code_lines import with_lines
from sitekit.formulas import Formulas
from sitekit.kept_together import keep_together
from sitekit.plain_math import typeset

WHOLE = '<span class="unrolled-whole">'


def test_lines_keep_their_text() -> None:
    code = '<pre><code>a\n\n<span class="hll">  <b>b</b>\n</span>c\n</code></pre>'
    made = with_lines(code)
    assert BeautifulSoup(made, "html.parser").get_text() == "a\n\n  b\nc\n"
    assert '<span class="line hll" style="--indent:2">  <b>b</b></span>' in made
    placed = '<pre data-source="x/y"><code>a = -b --c\n</code></pre>'
    assert with_lines(placed) == placed


def test_long_code_is_broken_where_a_person_would() -> None:
    """Only where a phone has no room for it, and without a character more."""
    code = "        self.history.append(Epoch(losses=losses, &lt;b&gt; norms[0]))"
    made = with_lines(f"<pre><code>{code}</code></pre>")
    assert "self.<wbr>history.<wbr>append(<wbr>Epoch(<wbr>losses=<wbr>losses," in made
    assert "norms[0]))" in made
    text = BeautifulSoup(made, "html.parser").get_text()
    assert text == BeautifulSoup(code, "html.parser").get_text()
    assert "<wbr>" not in with_lines("<pre><code>loss.backward()</code></pre>")
    assert "with_<wbr>logits(" in with_lines(
        "<pre><code>            loss = binary_cross_entropy_with_logits(x)</code></pre>"
    )


def test_a_dash_stays_with_its_option() -> None:
    assert f"{WHOLE}Set-It</span> a-" in with_lines("<p><code>Set-It a-</code></p>")
    made = with_lines("<p><code>run --seeds 0 -m x</code> a --b c</p>")
    assert f"run {WHOLE}--seeds</span> 0 {WHOLE}-m</span> x</code> a --b c" in made
    minus = '<span class="o">-</span><span class="n">inf</span>'
    assert f"{WHOLE}{minus}</span>" in with_lines(f"<pre><code>{minus}</code></pre>")
    made = with_lines("<pre><code>run --seeds 0</code></pre>")
    assert made.count(WHOLE) == 1
    assert with_lines(made.replace("pre", "p")) == made.replace("pre", "p")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("of 50 % and 9.3 × 10⁻¹⁰", "of 50_% and 9.3_×_10⁻¹⁰"),
        ("<span>4</span> %", "<span>4</span>_%"),
        ("in 3 s, 40 MB, 2 seeds", "in 3_s, 40_MB, 2 seeds"),
        ("<pre>1 % of it</pre> 2 %", "<pre>1 % of it</pre> 2_%"),
    ],
)
def test_numbers_stay_with_their_signs(written: str, shown: str) -> None:
    assert keep_together(written) == shown.replace("_", "\N{NO-BREAK SPACE}")


def test_code_waits_as_plain_text() -> None:
    line = '<span class="line"><span class="n">a</span> &lt; 1</span>'
    page = (
        f"<pre><span></span><code>{line}\n{line}\n</code></pre>"
        "<pre><code>no markup</code></pre><p><code>a &lt; 1</code></p>"
    )
    plain, parts = set_code_aside(page)
    assert [*parts.values()] == [f"{line}\n{line}\n"]
    assert re.sub("<[^>]*>", "", plain) == re.sub("<[^>]*>", "", page)
    assert "<span class" not in plain
    assert insert_code(f"{plain}<!--code 1-->", parts) == f"{page}<!--code 1-->"


def test_formulas_stay_with_their_full_stops() -> None:
    assert keep_together("at <math>T</math>.") == f"at {WHOLE}<math>T</math>.</span>"
    assert keep_together("(<math>T</math>) is") == f"{WHOLE}(<math>T</math>)</span> is"
    alone = '<math>T</math> is <math display="block">T</math>.'
    assert keep_together(alone) == alone


def test_mathematics_is_typeset() -> None:
    made = typeset("‖∂L/∂h_{T-50}‖ by W_hh, weight_hh, h_n[0], a `c_t`, x_train, 1e-7, 5e-3")
    assert made == (
        "‖∂L/∂h<sub>T−50</sub>‖ by W<sub>hh</sub>, weight_hh, h<sub>n</sub>[0], a `c_t`, x_train, "
        "10⁻⁷, 5 × 10⁻³"
    )


def test_distributions_stay_whole() -> None:
    made = keep_together('<img alt="N(0, 1)"> from U(±1/√64), <code>N(0, 1)</code>')
    assert made == f'<img alt="N(0, 1)"> from {WHOLE}U(±1/√64)</span>, <code>N(0, 1)</code>'


def _unused(*given: Any) -> Any:
    raise AssertionError(given)


def test_primes_stand_beside_their_letters() -> None:
    formulas = Formulas()
    tex = r"""<span class="arithmatex">\(i'_{t} + h'\)</span>"""
    place = formulas.take(tex, _unused, _unused)
    made = formulas.put(place)
    assert made.count('<mo lspace="0" rspace="0">′</mo>') == 2
    assert "<msup>" not in made
    assert "<msubsup>" not in made


def test_minus_is_a_minus() -> None:
    assert number(-1.7) == "−1.7"
    assert number(-3.0) == "−3"
    assert number(-2e-16) == "−2 × 10⁻¹⁶"
