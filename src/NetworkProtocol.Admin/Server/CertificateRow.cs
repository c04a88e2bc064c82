namespace NetworkProtocol.Admin;

/// <summary>A certificate in use, and the result of its last load.</summary>
public sealed record CertificateRow(
    [property: Field("The port that the certificate is for: server or http.", "server")] string Name,
    [property: Field("The subject of the certificate.", "CN=server.example")] string Subject,
    [property: Field("The DNS names and addresses of the certificate.", new[] { "server.example" })] IReadOnlyList<string> Names,
    [property: Field("The subject of the authority that issued the certificate.", "CN=Example CA")] string Issuer,
    [property: Field("The serial number, in hexadecimal.", "03A1F2")] string Serial,
    [property: Field("The SHA-256 of the certificate.", "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08")] string Sha256,
    [property: Field("The file that the certificate was loaded from.", "/etc/network-protocol/fullchain.pem")] string File,
    [property: Field("When the certificate becomes valid.", "2026-01-01T00:00:00+00:00")] DateTimeOffset NotBefore,
    [property: Field("When the certificate expires.", "2026-04-01T00:00:00+00:00")] DateTimeOffset NotAfter,
    [property: Field("When the first certificate of the chain expires.", "2026-04-01T00:00:00+00:00")] DateTimeOffset ChainExpires,
    [property: Field("The number of days until the chain expires.", 60)] int DaysLeft,
    [property: Field("What is wrong with the certificate or its chain.", new[] { "The chain is incomplete." })]
    IReadOnlyList<string> Warnings,
    [property: Field("When the files were last read; null before the first time.", "2026-01-31T12:00:00+00:00")] DateTimeOffset? LastLoadAt,
    [property: Field("good, or why the last load failed.", "good")] string LastLoadResult);
