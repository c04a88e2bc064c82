using NetworkProtocol.Server.Bans;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Data;

namespace NetworkProtocol.Web.Node;

/// <summary>Saves the bans in the file <c>bans.json</c> of the data folder.</summary>
internal sealed class BanFile(DataFolder folder) : IBanStore
{
    private const string FileName = "bans.json";

    public IReadOnlyList<Ban> Read() => [.. folder.Read<Entry>(FileName).Select(entry =>
        BanTarget.TryParse(entry.Target, out var target, out var problem)
            ? new Ban(entry.Id, target, entry.Reason, entry.By, entry.At, entry.ExpiresAt)
            : throw folder.Damaged(FileName, new FormatException(problem)))];

    public void Write(IReadOnlyList<Ban> bans) =>
        folder.Write(FileName, bans.Select(ban => new Entry(ban.Id, ban.Target.ToString(), ban.Reason, ban.By, ban.At, ban.ExpiresAt)));

    private sealed record Entry(string Id, string Target, string Reason, string By, DateTimeOffset At, DateTimeOffset? ExpiresAt);
}
