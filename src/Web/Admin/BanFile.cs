using NetworkProtocol.Server.Bans;

namespace NetworkProtocol.Web.Admin;

/// <summary>Keeps the bans over a restart.</summary>
internal sealed class BanFile(BanList bans, DataFolder folder)
{
    private const string FileName = "bans.json";

    private readonly Lock _saving = new();

    /// <summary>Puts the kept bans in force.</summary>
    /// <exception cref="InvalidOperationException">The file is damaged: starting without its bans would let in whom they keep out.</exception>
    public void Load() => bans.Load([.. folder.Read<Entry>(FileName).Select(entry =>
        BanTarget.TryParse(entry.Target, out var target, out var problem)
            ? new Ban(entry.Id, target, entry.Reason, entry.By, entry.At, entry.ExpiresAt)
            : throw folder.Damaged(FileName, new FormatException(problem)))]);

    public void Save()
    {
        lock (_saving)
        {
            folder.Write(FileName, bans.Bans.Select(ban => new Entry(ban.Id, ban.Target.ToString(), ban.Reason, ban.By, ban.At, ban.ExpiresAt)));
        }
    }

    private sealed record Entry(string Id, string Target, string Reason, string By, DateTimeOffset At, DateTimeOffset? ExpiresAt);
}
