using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace NetworkProtocol.Web.Admin.Access;

/// <summary>
/// The keys that cookies, forms and sessions are encrypted with. The framework writes one into the system's folder for temporary files
/// first, so nobody could sign in where that is read-only, as in a container.
/// </summary>
internal sealed class KeyFiles(DataFolder folder, ILoggerFactory loggers)
    : FileSystemXmlRepository(new DirectoryInfo(folder.File(FolderName)), loggers)
{
    private const string FolderName = "keys";

    /// <inheritdoc/>
    public override void StoreElement(XElement element, string friendlyName) =>
        folder.WriteBytes(Path.Combine(FolderName, $"{friendlyName}.xml"), Encoding.UTF8.GetBytes(element.ToString()));
}
