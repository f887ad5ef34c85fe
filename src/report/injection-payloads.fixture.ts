/** For tests only: texts that try to become markup, script, or a reference to another host. */
export const PAYLOADS = [
  "<script>alert(1)</script>",
  '"><script>alert(1)</script>',
  "'><img src=x onerror=alert(1)>",
  '" onmouseover="alert(1)" x="',
  "' onfocus='alert(1)' autofocus='",
  "<svg/onload=alert(1)>",
  "</title><script>alert(1)</script>",
  "</style><script>alert(1)</script>",
  "]]></desc></svg><iframe src=//evil.example></iframe>",
  "javascript:alert(1)",
  '<a href="jav&#x09;ascript:alert(1)">&lt;x&gt;</a>',
  '<!--><img src="https://evil.example/x.png"><base href=//evil.example>$\u007balert(1)}`',
];
