from weiquan.launcher.console import framed, width


def test_width_counts_two_columns_for_a_chinese_character() -> None:
    assert width("维权 runs") == 9


def test_framed_closes_the_box_straight_with_mixed_text() -> None:
    assert framed(["站长  zhanzhang", "ok", ""]) == (
        "+-----------------+\n"
        "| 站长  zhanzhang |\n"
        "| ok              |\n"
        "|                 |\n"
        "+-----------------+"
    )
