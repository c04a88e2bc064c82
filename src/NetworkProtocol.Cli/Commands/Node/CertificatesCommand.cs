using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Node;

/// <summary><c>certificates</c>: shows the certificates in use, and reloads them.</summary>
internal sealed class CertificatesCommand : INetprotoCommand
{
    private static readonly Columns<CertificateRow> Columns = new("name subject names file chainExpires daysLeft warnings lastLoadResult")
    {
        { "name", certificate => certificate.Name },
        { "subject", certificate => certificate.Subject },
        { "names", certificate => certificate.Names },
        { "issuer", certificate => certificate.Issuer },
        { "serial", certificate => certificate.Serial },
        { "sha256", certificate => certificate.Sha256 },
        { "file", certificate => certificate.File },
        { "notBefore", certificate => certificate.NotBefore },
        { "notAfter", certificate => certificate.NotAfter },
        { "chainExpires", certificate => certificate.ChainExpires },
        { "daysLeft", certificate => certificate.DaysLeft },
        { "warnings", certificate => certificate.Warnings },
        { "lastLoadAt", certificate => certificate.LastLoadAt },
        { "lastLoadResult", certificate => certificate.LastLoadResult },
    };

    public CommandGroup Group => CommandGroup.Node;

    public Command Create()
    {
        var command = new Command("certificates", "Shows the certificates in use. Example: netproto certificates");
        var arguments = new NodeArguments(command);
        ReadAction.Set(command, arguments, _ => Views.List((node, token) => node.CertificatesAsync(token), Columns));
        var reload = new Command("reload", "Loads the certificates from their files again. Example: netproto certificates reload");
        arguments.SetAction(reload, (node, _, cancellationToken) => node.ReloadCertificatesAsync(cancellationToken));
        command.Add(reload);
        return command;
    }
}
