using System.Collections;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace NetworkProtocol.Web.Systemd;

/// <summary>
/// Lists only the files of a folder whose name is the name of a setting. Other files are not opened: a file may be unreadable or a pipe.
/// </summary>
internal sealed class SettingFiles(IFileProvider folder) : IFileProvider
{
    public IDirectoryContents GetDirectoryContents(string subpath) =>
        new Contents(folder.GetDirectoryContents(subpath).Where(file => SettingNames.IsSetting(file.Name)));

    public IFileInfo GetFileInfo(string subpath) => folder.GetFileInfo(subpath);

    public IChangeToken Watch(string filter) => NullChangeToken.Singleton;

    private sealed class Contents(IEnumerable<IFileInfo> files) : IDirectoryContents
    {
        public bool Exists => true;

        public IEnumerator<IFileInfo> GetEnumerator() => files.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
