"""Why something could not be sent, in words."""

WORDS = {
    "AddressRefused": "这个地址不允许使用",
    "BadAnswer": "对方的答复读不懂，请核对地址",
    "Closed": "不再需要发送",
    "ConnectTimeout": "连不上对方",
    "ConnectionError": "连不上对方",
    "ConnectionRefusedError": "连不上对方",
    "NoAddress": "收件人没有留邮箱或手机，或已停用",
    "Off": "渠道已停用",
    "ProxyError": "连不上代理服务器",
    "ReadTimeout": "对方没有按时答复",
    "SMTPServerDisconnected": "邮件服务器断开了连接",
    "SSLError": "对方的证书不对",
    "TimeoutError": "对方没有按时答复",
    "gaierror": "找不到这个主机",
}
# (the beginning of what is stored, the words before the rest)
CODES = (("HTTP ", "对方返回 HTTP "), ("SMTP ", "邮件服务器返回 "), ("Code ", "对方返回错误码 "))


def in_words(error: str) -> str:
    """What stands in `Delivery.error`, for a reader."""
    for start, words in CODES:
        if error.startswith(start):
            return words + error.removeprefix(start)
    return WORDS.get(error, f"发送出错（{error}）" if error else "")
