using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>The query parameters of a <see cref="ConnectionFilter"/>.</summary>
internal sealed record FilterQuery(
    string? Address, string? Identity, string? Transport, string? Command, string? State, string? Reason, string? MinAge, string? MaxAge)
{
    public ConnectionFilter ToFilter() => new ConnectionFilter
    {
        Address = Address,
        Identity = Identity,
        Transport = Transport,
        Command = Command,
        State = State ?? Reason,
        MinAge = MinAge,
        MaxAge = MaxAge,
    }.WithoutBlanks();
}
