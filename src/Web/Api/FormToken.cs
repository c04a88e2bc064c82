using NetworkProtocol.Admin;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Api;

/// <summary>The antiforgery token of a sign-in.</summary>
internal sealed record FormToken(
    [property: Field("The header that carries the token.", AccessExtensions.AntiforgeryHeader)] string Header,
    [property: Field("The token, which is valid only for this sign-in.", "CfDJ8…")] string Token);
