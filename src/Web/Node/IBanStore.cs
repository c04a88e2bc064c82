using NetworkProtocol.Server.Bans;

namespace NetworkProtocol.Web.Node;

/// <summary>Saves the bans, so that they survive a restart.</summary>
internal interface IBanStore
{
    /// <summary>Reads the bans that were saved last; an empty list if there are none.</summary>
    /// <exception cref="InvalidOperationException">The saved bans are damaged.</exception>
    IReadOnlyList<Ban> Read();

    /// <summary>Replaces the saved bans. The caller makes no concurrent calls.</summary>
    /// <exception cref="IOException">The bans could not be saved.</exception>
    void Write(IReadOnlyList<Ban> bans);
}
