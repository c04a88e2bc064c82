using NetworkProtocol.Backup.Files;
using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup;

/// <summary>A file, a folder or a link that is saved.</summary>
/// <param name="Entry">Its entry in the archive.</param>
/// <param name="Content">The content of a file, which the receiver closes; null for a folder or a link.</param>
/// <param name="Place">Its path on this machine.</param>
internal sealed record SourceItem(ArchiveEntry Entry, Stream? Content, string Place)
{
    /// <summary>Makes one of a file or folder.</summary>
    public static SourceItem Of(string name, FileFacts facts, string place, Stream? content = null)
    {
        var entry = new ArchiveEntry(facts.Kind, name)
        {
            Mode = facts.Mode,
            Modified = facts.Modified,
            Owner = facts.Owner,
            Size = content?.Length ?? 0,
        };
        return new SourceItem(entry, content, place);
    }
}
