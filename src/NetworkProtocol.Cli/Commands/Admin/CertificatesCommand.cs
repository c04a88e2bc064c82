using System.CommandLine;
using NetworkProtocol.Cli.Admin;

namespace NetworkProtocol.Cli.Commands.Admin;

internal static class CertificatesCommand
{
    private static readonly View Certificates = View.Whole("certificates", new Columns(
        ["name", "subject", "names", "issuer", "serial", "sha256", "file", "notBefore", "notAfter", "chainExpires", "daysLeft", "warnings", "lastLoadAt", "lastLoadResult"],
        ["name", "subject", "names", "file", "chainExpires", "daysLeft", "warnings", "lastLoadResult"]));

    public static Command Create()
    {
        var command = new Command("certificates", "Shows the certificates in use. Example: netproto certificates");
        var admin = new AdminArguments(command);
        ReadAction.Set(command, admin, _ => Certificates);
        var reload = new Command("reload", "Loads the certificates from their files again. Example: netproto certificates reload");
        admin.SetAction(reload, HttpMethod.Post, _ => "certificates/reload");
        command.Add(reload);
        return command;
    }
}
