using System.Security.Claims;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>The user or token that performs an action, for the check of the role and for the audit log.</summary>
/// <param name="Name">The name of the user or token.</param>
/// <param name="Role">What the user or token may do.</param>
/// <param name="From">The client's address.</param>
/// <param name="Via"><see cref="Console"/> or <see cref="Api"/>.</param>
internal sealed record Actor(string Name, Role Role, string From, string Via)
{
    public const string Console = "console";
    public const string Api = "api";

    public static Actor Of(ClaimsPrincipal principal, string? from, string via) => new(
        principal.Identity?.Name ?? "?",
        principal.IsInRole(nameof(Role.Operator)) ? Role.Operator : Role.Viewer,
        from ?? "?",
        via);
}
