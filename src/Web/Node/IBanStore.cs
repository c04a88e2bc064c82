using NetworkProtocol.Server.Bans;

namespace NetworkProtocol.Web.Node;

/// <summary>Keeps the bans over a restart.</summary>
internal interface IBanStore
{
    /// <summary>The bans that were kept last; none if there are none.</summary>
    /// <exception cref="InvalidOperationException">They are damaged.</exception>
    IReadOnlyList<Ban> Read();

    /// <summary>Keeps these bans in place of those before. Not called twice at once.</summary>
    /// <exception cref="IOException">They could not be kept.</exception>
    void Write(IReadOnlyList<Ban> bans);
}
